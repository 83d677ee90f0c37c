"""Groups of firm-events: which tags group, where bands begin, and what was known on the day."""

from __future__ import annotations

from math import inf, nan

import pandas as pd
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from study_worlds import in_view

from strategies.event_study import study
from strategies.study_groups import PURITY_BANDS, SCORE_BANDS, UNKNOWN, check_tag, in_order
from universes.errors import BadParameter, UnknownName

SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15, "draws": 0}
SESSIONS = worlds.sessions(90)


def event(name, session, companies, direction="tailwind"):
    return worlds.event(name, f"{SESSIONS[session]:%Y-%m-%d}T12:00:00+00:00", companies, direction)


def scored(scores, **more):
    """Groups by score band of a study of one event on AAA at session 40; `scores` by session, else none."""
    market = in_view({"AAA": {40: 0.02}}, count=90)
    table = pd.DataFrame(nan, index=market.sessions, columns=list(market.symbols))
    for session, value in scores.items():
        table.loc[SESSIONS[session], "AAA"] = value
    found = study(
        market, worlds.calendar(event("one", 40, ["AAA"])), group_by="score_band", scores=table, **SHORT
    )
    return list(found.groups)


@pytest.mark.parametrize(
    "tag",
    [
        "stage",
        "jurisdiction",
        "float_band",
        "mineral",
        "role",
        "kind",
        "country",
        "purity_band",
        "score_band",
    ],
)
def test_a_tag_of_one_value_groups(tag):
    check_tag(tag)


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("stages", "did you mean 'stage'?"),
        ("minerals", "did you mean 'mineral'?"),
        ("score_bands", "did you mean 'score_band'?"),
        ("", "known: china_linked, "),
    ],
)
def test_a_tag_that_does_not_group_is_refused_with_one_that_does(tag, told):
    with pytest.raises(UnknownName) as refused:
        check_tag(tag)

    assert told in str(refused.value)
    assert {"stage", "kind", "purity_band", "score_band"} <= set(refused.value.known)


def test_the_score_is_that_after_the_session_before_the_reaction():
    # That of the reaction session itself would be 90: it knows how the day ended.
    assert scored({38: 10.0, 39: 55.0, 40: 90.0}) == ["40-60"]
    assert scored({40: 90.0}) == [UNKNOWN]


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.0, "<40"),
        (39.9, "<40"),
        (40.0, "40-60"),
        (60.0, "60-80"),
        (79.9, "60-80"),
        (80.0, ">=80"),
        (100.0, ">=80"),
    ],
)
def test_a_score_on_an_edge_belongs_to_the_upper_band(score, band):
    assert scored({39: score}) == [band]


def test_score_bands_without_scores_say_what_is_missing():
    market = in_view({"AAA": {40: 0.02}}, count=90)

    with pytest.raises(BadParameter, match="pass scores"):
        study(market, worlds.calendar(event("one", 40, ["AAA"])), group_by="score_band", **SHORT)


def test_each_group_has_its_own_dates_and_its_own_mean():
    market = in_view({"AAA": {40: 0.02, 75: 0.04}, "BBB": {40: 0.06}}, count=90)
    events = worlds.calendar(event("one", 40, ["AAA", "BBB"]), event("two", 75, ["AAA"], "headwind"))

    found = study(market, events, group_by="direction", **SHORT).groups

    # Tailwind: (2 + 6) / 2 %. Headwind: minus 4 %.
    assert {name: (count, test.episodes, round(test.mean, 12)) for name, (count, test) in found.items()} == {
        "tailwind": (2, 1, 0.04),
        "headwind": (1, 1, -0.04),
    }


def test_groups_climb_the_ladder_and_what_nobody_said_comes_last():
    assert in_order("score_band", [UNKNOWN, ">=80", "<40", "60-80", "<40"]) == (
        "<40",
        "60-80",
        ">=80",
        UNKNOWN,
    )
    assert in_order("purity_band", [">=80%", UNKNOWN, "<20%"]) == ("<20%", ">=80%", UNKNOWN)
    assert in_order("jurisdiction", ["CL", UNKNOWN, "AU"]) == ("AU", "CL", UNKNOWN)
    assert in_order("mineral", ["zinc", UNKNOWN, "tin"]) == ("tin", "zinc", UNKNOWN)


def test_bands_climb_and_have_no_end():
    for bands in (PURITY_BANDS, SCORE_BANDS):
        edges = [edge for edge, _ in bands]
        assert edges == sorted(set(edges))
        assert edges[-1] == inf


@given(words=st.lists(st.sampled_from([UNKNOWN, "<40", "40-60", "60-80", ">=80"])), seed=st.randoms())
@settings(derandomize=True, max_examples=50)
def test_the_order_of_groups_is_that_of_no_firm_event(words, seed):
    shuffled = list(words)
    seed.shuffle(shuffled)

    assert in_order("score_band", words) == in_order("score_band", shuffled)
    assert set(in_order("score_band", words)) == set(words)
