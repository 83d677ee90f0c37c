"""Preset files: the shipped ones are whole and sourced, and every fault of a user's own is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from screener.preset import FOLDER, preset, preset_names
from universes.errors import BadData, UnknownName

WANTED = {
    "mvis-rare-earth",
    "sprott-critical",
    "tsx-global-mining",
    "allied-advanced",
    "low-float-juniors",
    "enablers",
}
PAGE = (Path(__file__).parents[2] / "docs" / "presets.md").read_text(encoding="utf-8")
GOOD = """
title = "t"
about = "a"
source = "s"
review_months = [6, 12]
[[rule]]
name = "stage"
enter = "stage >= 'dfs'"
stay = "stage >= 'pfs'"
source = "s"
confidence = "high"
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_presets_are_those_of_the_page():
    assert set(preset_names()) == WANTED
    for name in WANTED:
        assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_rule_of_a_shipped_preset_has_a_source_and_parses(name):
    found = preset(name)

    assert found.name == name
    assert found.rules
    assert all(rule.source and rule.confidence in {"high", "medium"} for rule in found.rules)
    assert all(len(line) < 1_000 for line in (FOLDER / f"{name}.toml").read_text("utf-8").splitlines())


def test_most_presets_have_a_lower_bar_to_stay():
    with_lower = [name for name in WANTED if any(rule.enter != rule.stay for rule in preset(name).rules)]

    assert set(with_lower) == WANTED - {"enablers"}


@pytest.mark.parametrize(
    ("name", "rule", "enter", "stay", "reviews"),
    [
        # The index pages' own numbers, in US dollars.
        ("mvis-rare-earth", "size", 150e6, 75e6, 1),
        ("mvis-rare-earth", "liquidity", 1e6, 200e3, 3),
        ("sprott-critical", "size", 100e6, 50e6, 1),
        ("sprott-critical", "liquidity", 500e3, 250e3, 1),
        ("tsx-global-mining", "size", 300e6, 200e6, 1),
    ],
)
def test_bars_of_the_indices(name, rule, enter, stay, reviews):
    (found,) = [item for item in preset(name).rules if item.name == rule]
    field = next(iter(found.enter.fields))
    tags = {field: enter}

    assert found.enter.holds(tags)
    assert not found.enter.holds({field: enter - 1})
    assert found.stay.holds({field: stay})
    assert not found.stay.holds({field: stay - 1})
    assert found.enter_reviews == reviews


def test_rules_on_prices_can_be_left_out():
    found = preset("sprott-critical")

    assert [rule.name for rule in found.rules if rule.priced] == ["size", "liquidity"]
    assert [rule.name for rule in found.without_prices().rules] == ["business", "purity"]


def test_a_users_own_preset_is_named_by_its_file(file):
    found = preset(file(GOOD))

    assert (found.name, found.review_months, found.review_day) == ("own", (6, 12), "month-end")
    assert found.rules[0].stay.text == "stage >= 'pfs'"


def test_without_stay_the_bar_to_enter_is_the_bar_to_stay(file):
    found = preset(file(GOOD.replace("stay = \"stage >= 'pfs'\"\n", "")))

    assert found.rules[0].stay == found.rules[0].enter


def test_an_unknown_name_has_the_nearest_one():
    with pytest.raises(UnknownName, match="no preset named 'enabler'; did you mean 'enablers'"):
        preset("enabler")


def test_every_fault_of_a_file_is_said_at_once(file):
    path = file("""
titel = "t"
about = ""
source = "s"
review_months = [0]
review_day = "friday"
left_out = "x"
[[rule]]
name = "stage"
enter = "stge >= 'dfs'"
stay = 3
enter_reviews = 0
leave_reviews = true
source = "s"
confidence = "sure"
limit = 3
[[rule]]
name = "stage"
source = "s"
confidence = "low"
""")

    with pytest.raises(BadData) as caught:
        preset(path)

    assert [fault.field for fault in caught.value.faults] == [
        "titel",
        "title",
        "about",
        "review_months",
        "review_day",
        "left_out",
        "rule 1.limit",
        "rule 1.confidence",
        "rule 1.enter",
        "rule 1.stay",
        "rule 1.enter_reviews",
        "rule 1.leave_reviews",
        "rule 2.enter",
        "rule 2.name",
    ]
    assert "did you mean 'title'" in caught.value.faults[0].message
    assert "did you mean 'stage'" in caught.value.faults[8].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "not TOML"),
        (GOOD.partition("[[rule]]")[0], "rule: there is none: begin each rule with a line [[rule]]"),
        (GOOD.replace("[6, 12]", "[]"), "review_months: must be a list of months"),
        (GOOD.replace("[6, 12]", "[true]"), "review_months: must be a list of months"),
    ],
)
def test_a_file_that_is_no_preset_is_refused(file, text, said):
    with pytest.raises(BadData, match=said.replace("[", r"\[").replace("]", r"\]")):
        preset(file(text))
