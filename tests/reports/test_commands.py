"""`lodestone report` and its options."""

from __future__ import annotations

import re

import handmade
import pytest
from click.testing import CliRunner
from markup import Tree

from reports.page import page
from screener.cli import main
from strategies.run_folder import save_run

OWN = """
from reports.blocks import Text
from reports.section import Section


def render(results):
    yield Text(f"We looked at {results[0].strategy} on a Friday. <b>Twice</b>")


SECTION = Section("House rules", 15, render)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_run(handmade.result(), tmp_path / "run")
    return tmp_path


def report(*words):
    return CliRunner().invoke(main, ["report", "run", "-o", "page.html", *words])


def shown(folder):
    return Tree((folder / "page.html").read_text("utf-8"))


def test_sections_are_chosen_by_name_and_keep_the_order_of_the_page(run):
    assert report("--sections", "trades, verdict").stdout == "page.html\n"

    assert [attrs["id"] for attrs in shown(run).all("section")] == ["verdict", "trades"]


def test_a_section_of_ones_own_is_one_file_and_its_text_is_no_markup(run):
    (run / "house_rules.py").write_text(OWN)
    report("--sections", "all,house_rules.py")
    found = shown(run)
    ids = [attrs["id"] for attrs in found.all("section")]

    assert ids.index("verdict") < ids.index("house-rules") < ids.index("equity")
    assert "We looked at pullback on a Friday. <b>Twice</b>" in found.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sections", "verdikt"), "did you mean 'verdict'?"),
        (("--sections", "nowhere.py"), "nowhere.py"),
        (("--sections", "empty.py"), "empty.py has no SECTION"),
        (("--sections", "broken.py"), "1 / 0"),
        (("--sections", "screen"), "section screen has nothing to say of this"),
    ],
)
def test_a_wrong_section_is_refused_and_nothing_is_written(run, words, said):
    (run / "empty.py").write_text("")
    (run / "broken.py").write_text("1 / 0")
    done = report(*words)

    assert done.exit_code == 1
    assert said in done.stderr
    assert not (run / "page.html").exists()


@pytest.mark.parametrize(("theme", "kept"), [("light", "@media not all"), ("dark", "@media screen")])
def test_a_theme_is_the_same_for_every_reader(run, theme, kept):
    report("--theme", theme)
    text = (run / "page.html").read_text("utf-8")

    assert "prefers-color-scheme: dark) {" not in text.split("<script")[0]
    assert kept in text
    assert f'<meta name="color-scheme" content="{theme}">' in text


def test_assets_stand_beside_a_small_page_that_names_them_by_what_they_hold(run):
    report("--assets", "files")
    text = (run / "page.html").read_text("utf-8")
    names = {file.name for file in (run / "files").iterdir()}

    assert len(text) < 1_000_000
    assert set(re.findall(r'(?:src|href)="files/([^"]+)"', text)) == names
    assert all(
        re.fullmatch(r"(charts|plotly|tables)-[0-9a-f]{12}\.js|style-[0-9a-f]{12}\.css", name)
        for name in names
    )
    (allowed,) = (
        attrs["content"]
        for attrs in Tree(text).all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert "script-src 'self' file:;" in allowed
    assert "<style>@page" in text


def test_the_same_run_gives_the_same_bytes_with_and_without_assets(run):
    report("--assets", "files")
    first = (run / "page.html").read_bytes(), sorted(file.read_bytes() for file in (run / "files").iterdir())
    report("--assets", "files")

    assert first == (
        (run / "page.html").read_bytes(),
        sorted(f.read_bytes() for f in (run / "files").iterdir()),
    )
    report()
    assert (run / "page.html").read_text("utf-8") == page([_loaded(run)])


def _loaded(folder):
    from strategies.run_folder import load_run

    return load_run(folder / "run")


def test_quantstats_shows_one_run(run):
    save_run(handmade.result("momentum"), run / "other")
    done = CliRunner().invoke(main, ["report", "run", "other", "--quantstats", "qs.html"])

    assert done.exit_code == 1
    assert "--quantstats shows one run and 2 were given" in done.stderr
    assert not (run / "qs.html").exists()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        (
            "broken.py",
            "yield 1 / 0",
            "your code raised ZeroDivisionError: division by zero (broken.py:7, in render)",
        ),
        ("text.py", "yield 'words'", "render gave str: give Text, Table, Points of reports"),
        ("rows.py", "yield Table('t', (Column('c'),), (('a',),))", "a row of its table holds no Cell"),
        ("verdict.py", "yield Text('mine')", "has a name that the page uses itself"),
        ("axes.py", "yield Text('mine')", "has a name that the page uses itself"),
    ],
)
def test_a_section_of_ones_own_that_fails_is_told_as_ones_own(run, name, body, said):
    own = "from reports import Column, Section, Table, Text\n\n\n\n\ndef render(results):\n    "
    (run / name).write_text(f"{own}{body}\n\n\nSECTION = Section('Own', 15, render)\n")
    done = report("--sections", f"verdict,{name}")

    assert done.exit_code == 1
    assert said in done.stderr
    assert not (run / "page.html").exists()


def test_a_section_that_has_nothing_to_say_is_no_silent_skip(run):
    done = report("--sections", "verdict,screen,claims")

    assert done.exit_code == 1
    assert "section screen, claims has nothing to say of this" in done.stderr


def test_both_pages_are_refused_before_either_is_written(run):
    same = report("--quantstats", "page.html")
    wrong = report("--quantstats", "second.html", "--sections", "verdikt")

    assert "--quantstats and --output are both page.html" in same.stderr
    assert wrong.exit_code == 1
    assert not (run / "page.html").exists()
    assert not (run / "second.html").exists()


def test_a_folder_of_assets_may_have_any_name_and_must_be_a_folder(run):
    (run / "taken").write_text("a file")
    report("--assets", "a#b%20c")
    text = (run / "page.html").read_text("utf-8")

    assert 'src="a%23b%2520c/tables-' in text
    assert "Scripts and style stand in the folder beside the page" in text
    for place in ("taken", "none/there"):
        done = report("--assets", place)
        assert done.exit_code == 1
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_path_that_is_not_there_says_what_is_wanted(run):
    done = CliRunner().invoke(main, ["report", "nowhere", "-o", "page.html"])

    assert done.exit_code == 1
    assert (
        "there is no such file or folder: give a run folder of `lodestone backtest`, a sweep folder"
        in done.stderr
    )
