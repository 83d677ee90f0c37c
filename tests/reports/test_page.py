"""The page as a whole: one safe, self-contained file, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import handmade
import pytest
from markup import Tree

import reports
from reports.page import page
from reports.section import sections
from strategies.result import Backtest, Metric
from universes.errors import BadParameter, CannotWrite

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def plain():
    return page([handmade.result()])


@pytest.fixture(scope="module")
def tree(plain):
    return Tree(plain)


@pytest.fixture(scope="module")
def compared():
    return Tree(page([handmade.result(), handmade.result("momentum", seed=3), handmade.result(hold=60)]))


def test_hostile_names_make_no_element_and_stand_as_text(tree):
    hostile = Tree(page([handmade.result(said=handmade.HOSTILE)], title=handmade.HOSTILE))
    harmless = Tree(page([handmade.result(said="harmless")], title="harmless"))

    assert hostile.elements == harmless.elements
    assert hostile.running == tree.running
    assert f"LYC{handmade.HOSTILE}" in hostile.text.replace("\u00a0", " ")


def test_hostile_names_reach_plotly_escaped():
    islands = Tree(page([handmade.result(said=handmade.HOSTILE)])).islands
    marks = json.dumps(islands["equity-curve-data"])

    assert "&lt;img src=x" in marks
    assert "<" not in marks.replace("<extra></extra>", "")


def test_nothing_is_fetched(tree, compared):
    for tag, attrs in (pair for item in (tree, compared) for pair in item.attributes):
        for name in ("src", "href", "srcset", "action", "data", "poster", "background"):
            # A source's address is fetched by who clicks it, and by nobody else.
            led = tag == "a" and attrs.get("rel") == "noopener noreferrer"
            assert led or attrs.get(name, "#").startswith(("#", "data:,"))
    assert any(attrs.get("http-equiv") == "x-dns-prefetch-control" for attrs in tree.all("meta"))
    style = (ROOT / "reports" / "style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_only_our_scripts_may_run(tree):
    policy = next(attrs["content"] for attrs in tree.all("meta") if attrs.get("http-equiv"))
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in tree.running}

    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(hashes) == 3
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert not any(name.startswith("on") for _, attrs in tree.attributes for name in attrs)


def test_the_policy_stands_before_every_script_and_style(plain):
    assert plain.index("Content-Security-Policy") < min(plain.index("<script"), plain.index("<style"))


def test_the_chart_library_is_inlined_once(plain, compared):
    assert plain.count("* plotly.js v") == 1
    assert sum("* plotly.js v" in text for text in compared.running) == 1


def test_the_same_result_gives_the_same_bytes_over_hash_seeds_and_time_zones(tmp_path, plain):
    code = (
        "import sys; sys.path[:0] = ['.', 'tests']\nimport handmade, reports\n"
        "reports.tearsheet(handmade.result(), sys.argv[1])"
    )
    for seed, zone in (("1", "Pacific/Auckland"), ("2", "America/Los_Angeles")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        target = str(tmp_path / seed)
        subprocess.run([sys.executable, "-c", code, target], cwd=ROOT, env=environment, check=True)

    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() == plain.encode()


@pytest.mark.parametrize(("kind", "banner"), [("simulated", "SIMULATED"), ("history", "BACKTEST")])
def test_the_banner_says_what_the_prices_are(kind, banner):
    text = page([handmade.result(kind=kind)])
    found = Tree(text)

    assert f"<strong>{banner}</strong>" in text
    assert f'@top-left {{ content: "{banner}" }}' in text
    assert ("No price on this page was ever traded." in found.text) == (kind == "simulated")


def test_one_simulated_result_among_others_is_enough_for_the_banner():
    text = page([handmade.result(kind="history"), handmade.result("momentum", kind="simulated")])

    assert "<strong>SIMULATED</strong>" in text


def test_every_section_that_applies_is_there_in_order(tree):
    shown = [attrs["id"] for attrs in tree.all("section")]
    of_a_run = [item for item in sections() if Backtest in item[1].subjects and item[0] != "comparison"]

    assert shown == [name.replace("_", "-") for name, _ in of_a_run]
    assert all(section.title in tree.text for _, section in of_a_run)


def test_several_results_are_compared_first_and_then_told_one_by_one(compared):
    shown = [attrs["id"] for attrs in compared.all("section")]

    assert shown[0] == "comparison"
    assert shown[1] == "r1-verdict"
    assert shown[-1] == "glossary"
    assert sum(name.endswith("-verdict") for name in shown) == 3
    assert "pullback hold=60" in compared.text


@pytest.mark.parametrize("which", ["tree", "compared"])
def test_ids_are_unique_and_every_link_leads_somewhere(which, request):
    found = request.getfixturevalue(which)
    ids = [attrs["id"] for _, attrs in found.attributes if attrs.get("id")]
    links = [attrs["href"][1:] for attrs in found.all("a") if "rel" not in attrs]

    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)
    assert any("event-1" in link for link in links)


def test_every_chart_has_a_table_twin_and_says_what_it_shows(tree, compared):
    for found in (tree, compared):
        drawings = [attrs for attrs in found.all("div") if "data-figure" in attrs]
        twins = [attrs for attrs in found.all("details") if attrs.get("class") == "twin"]
        assert len(drawings) == len(twins) >= 4
        assert all(attrs["aria-label"] and attrs["data-figure"] in found.islands for attrs in drawings)


def test_wealth_is_drawn_on_a_logarithmic_axis_with_every_event(tree):
    figure = tree.islands["equity-curve-data"]

    assert figure["layout"]["yaxis"]["type"] == "log"
    assert [trace["name"] for trace in figure["data"][:4]] == [
        "invested",
        "gross of costs",
        "benchmark equal-weight",
        "net of costs",
    ]
    assert {trace["name"] for trace in figure["data"][4:]} == set(handmade.KINDS)
    assert sum(len(trace["x"]) for trace in figure["data"][4:]) == 12


def test_the_embedded_record_says_what_the_tables_say(tree):
    record = tree.islands["provenance-record"]

    assert record["data"]["hash"] in tree.text
    assert record["settings"]["fee_bps"] == 5.0
    assert record["parameters"] == {"hold": 20, "min_pop": 0.05, "stop": None}
    assert record["versions"]["lodestone"] == "0.1.0"
    assert record["command"] == "lodestone backtest pullback"


def test_undefined_numbers_are_n_a_with_their_reason_and_never_nan():
    undefined = Metric(float("nan"), "ratio", "mean / deviation", "the book never moved")
    base = handmade.idle()
    text = page([replace(base, metrics=dict(base.metrics) | {"sharpe": undefined})])
    found = Tree(text)

    assert "n/a: the book never moved" in found.text
    assert "n/a: no closed trade" in found.text
    assert not re.search(r"\b(nan|inf|NaN|Infinity|None|NaT)\b", found.text)
    assert "NaN" not in json.dumps(found.islands)


def test_a_result_that_did_nothing_says_so():
    said = Tree(page([handmade.idle()])).text

    assert "No trade was made, so there is nothing to judge" in said
    assert "Equity was never below an earlier peak." in said
    assert "The strategy acted on no events." in said
    assert "No event study was made of these events." in said
    assert "Every order and every firm-event led to a whole fill." in said


def test_a_loss_from_the_first_session_that_never_recovers_is_an_open_drawdown():
    base = handmade.result()
    net = base.equity["net"].where(base.equity.index == base.equity.index[0], 650_000.0)
    found = Tree(page([replace(base, equity=base.equity.assign(net=net))]))

    assert "the deepest, −35.0\u202f%, began after 2019-01-02 and is still open" in found.text.replace(
        " %", "\u202f%"
    )


def test_a_wiped_out_book_is_drawn_without_what_has_no_logarithm():
    base = handmade.result()
    net = base.equity["net"].where(base.equity.index < "2022-01-01", 0.0)
    figure = Tree(page([replace(base, equity=base.equity.assign(net=net))])).islands["equity-curve-data"]

    (curve,) = [trace for trace in figure["data"] if trace["name"] == "net of costs"]
    assert curve["y"][-1] is None
    assert min(value for value in curve["y"] if value is not None) > 0


def test_it_says_that_it_is_no_advice(tree):
    assert "Not investment advice." in tree.text


def test_half_a_character_in_a_name_is_a_mark_and_no_failure(tmp_path):
    target = reports.tearsheet(handmade.idle(strategy="torn \ud83d name"), tmp_path / "page.html")

    assert re.search("<h1>torn \ufffd+ name</h1>", target.read_text("utf-8"))


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "page.html"
    target.write_text("before")

    assert reports.tearsheet(handmade.idle(), target) == target
    assert target.read_text().startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_missing_folder_is_refused_before_anything_is_rendered(tmp_path):
    with pytest.raises(CannotWrite, match="there is no folder"):
        reports.tearsheet([object()], tmp_path / "none" / "page.html")


@pytest.mark.parametrize("given", ["run", [object()], {"a": 1}])
def test_what_is_no_result_is_refused_by_name(tmp_path, given):
    with pytest.raises(BadParameter, match="give a Backtest"):
        reports.tearsheet(given, tmp_path / "page.html")


def test_one_section_may_be_named_as_a_word():
    found = Tree(page([handmade.result()], sections="verdict"))

    assert [attrs["id"] for attrs in found.all("section")] == ["verdict"]


def test_sections_of_a_chapter_stand_below_it(compared, tree):
    assert {attrs["id"] for attrs in compared.all("h3")} >= {"r1-verdict-title", "r3-trades-title"}
    assert tree.all("h3") == []


def test_a_page_whose_section_fails_leaves_the_one_that_was_there(tmp_path):
    target = tmp_path / "page.html"
    target.write_text("before")
    torn = replace(handmade.result(), events=handmade.result().events.drop(columns="announced"))

    with pytest.raises(KeyError):
        reports.tearsheet(torn, target)
    assert target.read_text() == "before"


def test_no_result_is_refused(tmp_path):
    with pytest.raises(BadParameter, match="at least one"):
        reports.tearsheet([], tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def luminance(colour):
    """Relative luminance, as WCAG 2.2 defines it for sRGB."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_has_the_contrast_of_wcag_aa_in_both_themes(theme):
    style = (ROOT / "reports" / "style.css").read_text()
    block = re.findall(r":root[^{]*\{([^}]*)\}", style)[theme]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))

    for ink, paper in (
        *((ink, paper) for ink in ("ink", "muted", "net", "benchmark") for paper in ("paper", "wash")),
        ("warn-ink", "warn-paper"),
    ):
        assert contrast(colour[ink], colour[paper]) >= 4.5, (ink, paper)
