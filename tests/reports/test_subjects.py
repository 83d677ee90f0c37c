"""Pages of whatever the commands write: runs, sweeps, studies, screens, claims; and of what they do not."""

from __future__ import annotations

import json

import handmade
import pytest
from click.testing import CliRunner
from markup import Tree
from page_blocks import blocks_of, unexplained

from reports.page import page
from reports.subjects import ClaimsRecord, ScreenRecord, StudyRecord, SweepRecord, read
from screener.cli import main
from strategies.run_folder import save_run
from universes.errors import BadData

SHORT = ("--from", "2023-01-01", "--to", "2024-06-30")
NAMED = ("run", "sweep", "study.json", "screen.json", "claims.json")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """One of each, as the commands write them."""
    folder = tmp_path_factory.mktemp("subjects")
    save_run(handmade.result(), folder / "run")
    deep = ("-p", "depth=0.05,0.1,1.5", "-p", "hold=5,10", "--walk-forward", "train=3,test=2,embargo=0")
    json_of = ("--format", "json", "-o")
    words = [
        ("sweep", "pullback", *deep, *SHORT, "--out", folder / "sweep"),
        ("study", *SHORT, "--draws", "200", *json_of, folder / "study.json"),
        ("screen", "--as-of", "2025-07-09", "--top", "8", *json_of, folder / "screen.json"),
        ("claims", *json_of, folder / "claims.json"),
    ]
    for given in words:
        done = CliRunner().invoke(main, list(map(str, given)), catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize(
    ("name", "kind", "section", "said"),
    [
        ("sweep", SweepRecord, "parameters", "The best of many is the best of many"),
        ("study.json", StudyRecord, "study-verdict", "What chance alone does"),
        ("screen.json", ScreenRecord, "screen", "8 names of critical-minerals"),
        ("claims.json", ClaimsRecord, "claims", "30 claims"),
    ],
)
def test_what_a_command_writes_makes_a_page(here, name, kind, section, said):
    subject = read(here / name)
    found = Tree(page([subject]))
    shown = [attrs["id"] for attrs in found.all("section")]

    assert isinstance(subject, kind)
    assert shown[0] == section
    assert shown[-2:] == ["provenance", "glossary"]
    assert said in found.text
    assert subject.data["hash"] in found.text
    assert "nan" not in found.text.lower().split()


@pytest.mark.parametrize("name", NAMED)
def test_every_number_of_its_page_says_what_it_means(here, name):
    assert unexplained(blocks_of(read(here / name))) == []


def test_a_sweep_shows_its_map_its_best_the_middle_the_refused_and_what_choosing_was_worth(here):
    found = Tree(page([read(here / "sweep")]))
    figure = found.islands["parameters-map-data"]

    assert figure["data"][0]["type"] == "heatmap"
    assert figure["data"][0]["x"] == ["0.05", "0.1", "1.5"]
    assert "middle of all" in found.text
    assert "2 sets cannot be; the first: depth is 1.5" in found.text
    assert "Choices, each judged on episodes it had not seen" in found.text


def test_all_of_them_on_one_page_are_chapters_with_links_that_lead_somewhere(here):
    found = Tree(page([read(here / name) for name in NAMED]))
    ids = [attrs["id"] for _, attrs in found.attributes if "id" in attrs]

    assert len(ids) == len(set(ids))
    assert {attrs["href"][1:] for attrs in found.all("a") if "rel" not in attrs} <= set(ids)
    assert [attrs["id"] for attrs in found.all("h2") if attrs.get("class") == "chapter"] == [
        f"r{at}-chapter" for at in range(1, 6)
    ]
    assert ids.count("glossary") == 1


def test_a_screen_alone_is_facts_and_no_backtest(here):
    assert "<strong>FACTS</strong>" in page([read(here / "screen.json")])
    assert "<strong>SIMULATED</strong>" in page([read(here / "screen.json"), read(here / "study.json")])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "nothing to report"),
        ("{", "nothing to report"),
        ("[]", "nothing to report"),
        ("{}", "nothing to report ('settings')"),
        ('{"settings": {}, "data": {}}', "nothing to report ('kind')"),
        (
            '{"settings": {}, "data": {"kind": "real", "source": "facts"}, "rows": [{}]}',
            "nothing to report ('symbol')",
        ),
        (
            '{"settings": {}, "data": {"kind": "real", "source": "x"}, "windows": []}',
            "nothing to report ('firm_events')",
        ),
    ],
)
def test_a_file_that_is_none_of_them_is_refused_in_one_line(tmp_path, content, said):
    (tmp_path / "what.json").write_text(content)

    with pytest.raises(BadData) as raised:
        read(tmp_path / "what.json")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_sweep_that_has_not_ended_says_how_to_end_it(here, tmp_path):
    unfinished = tmp_path / "sweep"
    unfinished.mkdir()
    for name in ("manifest.json", "results.csv"):
        (unfinished / name).write_bytes((here / "sweep" / name).read_bytes())

    with pytest.raises(BadData, match="run the sweep again in the same folder"):
        read(unfinished)


@pytest.mark.parametrize("part", ["chance", "fragility"])
def test_a_study_whose_parts_are_empty_is_a_fault_of_its_file(here, tmp_path, part):
    torn = json.loads((here / "study.json").read_text("utf-8")) | {part: {}}
    (tmp_path / "torn.json").write_text(json.dumps(torn))
    done = CliRunner().invoke(
        main, ["report", str(tmp_path / "torn.json"), "-o", str(tmp_path / "page.html")]
    )

    assert done.exit_code == 1
    assert "torn.json" in done.stderr
    assert "not as Lodestone writes it (KeyError" in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_sweep_with_sets_cut_off_is_refused(here, tmp_path):
    cut = tmp_path / "sweep"
    cut.mkdir()
    for file in (here / "sweep").iterdir():
        if file.is_file():
            (cut / file.name).write_bytes(file.read_bytes())
    lines = (cut / "results.csv").read_text("utf-8").splitlines(keepends=True)
    (cut / "results.csv").write_text("".join(lines[:2]))

    with pytest.raises(BadData, match="1 of 6 sets"):
        read(cut)


def test_a_study_with_a_part_missing_is_refused(here, tmp_path):
    torn = json.loads((here / "study.json").read_text("utf-8"))
    del torn["fragility"]
    (tmp_path / "torn.json").write_text(json.dumps(torn))

    with pytest.raises(BadData, match="fragility"):
        read(tmp_path / "torn.json")
