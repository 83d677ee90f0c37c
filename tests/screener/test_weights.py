"""Weights of the factors: as given, the rest shared out, and every wrong one refused with its mend."""

from __future__ import annotations

import copy
import pickle
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as some

import universes
from screener.explanation import explain
from screener.factor import factors
from screener.history import score_history
from screener.ranking import screen
from screener.score import version
from screener.weights import Weights, default_weights, read_profile, read_weights, weights_from
from universes.errors import BadData, BadParameter, UnknownName

NAMES = tuple(factor.name for factor in factors())


def test_the_default_weights_stand_with_the_factors():
    assert default_weights().name == "default"
    assert dict(default_weights().by_factor) == {factor.name: factor.weight for factor in factors()}


def test_others_share_what_is_left_in_proportion():
    weights = read_weights("stage=0.5").by_factor

    # Without stage the defaults sum to 0.82, and 0.5 is left.
    assert weights["stage"] == 0.5
    assert weights["purity"] == pytest.approx(0.10 * 0.5 / 0.82)
    assert weights["support"] == pytest.approx(0.14 * 0.5 / 0.82)


def test_weights_that_sum_to_one_leave_the_others_none():
    weights = read_weights(" stage = 0.1 , support=0.2,float=0.7 ")

    assert weights.used == ("float", "stage", "support")
    assert weights.name == "float=0.7,stage=0.1,support=0.2"
    assert str(weights) == ",".join(
        f"{name}={ {'float': 0.7, 'stage': 0.1, 'support': 0.2}.get(name, 0):g}" for name in NAMES
    )


@given(some.dictionaries(some.sampled_from(NAMES), some.floats(0, 1 / 7), max_size=6).filter(bool))
def test_weights_always_sum_to_one_and_keep_what_was_given(given_weights):
    found = read_weights(",".join(f"{name}={weight!r}" for name, weight in given_weights.items()))

    assert fsum(found.by_factor.values()) == pytest.approx(1, abs=1e-12)
    assert {name: found.by_factor[name] for name in given_weights} == given_weights


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("stage", BadParameter, "weights: 'stage' is not factor=weight: write factors with their weights"),
        ("", BadParameter, "is not factor=weight"),
        ("=0.3", BadParameter, "is not factor=weight"),
        ("stge=0.3", UnknownName, "no factor named 'stge'; did you mean 'stage'?"),
        ("stage=0.3,stage=0.2", BadParameter, "weights: stage is given twice: keep one"),
        ("stage=lots", BadParameter, "weights: stage: 'lots' is not a number: write a number from 0 to 1"),
        ("stage=nan", BadParameter, "is not a number"),
        ("stage=inf", BadParameter, "is not a number"),
        ("stage=1_0", BadParameter, "is not a number"),
        ("stage=-0.1", BadParameter, "weights: stage: -0.1 is below 0"),
        ("stage=30", BadParameter, "weights: stage: 30 is above 1"),
        ("stage=0.8,support=0.3", BadParameter, "stage=0.8,support=0.3 sum to 1.1: lower them to 1 or less"),
        (
            ",".join(f"{name}=0.1" for name in NAMES),
            BadParameter,
            "every factor is given and they sum to 0.7",
        ),
    ],
)
def test_a_wrong_text_is_refused_with_its_mend(text, error, said):
    with pytest.raises(error) as caught:
        read_weights(text)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_by_hand_must_name_every_factor_and_sum_to_one():
    even = dict.fromkeys(NAMES, 1 / 7)

    assert Weights("even", even).used == NAMES
    with pytest.raises(BadParameter, match="none for stage: give every factor one"):
        Weights("short", {name: weight for name, weight in even.items() if name != "stage"})
    with pytest.raises(BadParameter, match="they sum to 0.7: make them sum to 1"):
        Weights("low", dict.fromkeys(NAMES, 0.1))
    with pytest.raises(UnknownName, match="no factor named 'size'"):
        Weights("more", even | {"size": 0.0})


def test_weights_cannot_be_changed_and_can_be_copied():
    weights = read_weights("stage=0.5")

    with pytest.raises(TypeError):
        weights.by_factor["stage"] = 1.0
    assert pickle.loads(pickle.dumps(weights)) == copy.deepcopy(weights) == weights


@pytest.fixture
def profile(tmp_path):
    def write(text):
        file = tmp_path / "mine.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_profile_is_a_name_and_weights(profile):
    file = profile('name = "producers first"\n[weights]\nstage = 0.5\nfloat = 0\n')
    found = read_profile(file)

    assert found == weights_from(str(file))
    assert found.name == "producers first"
    # Without stage and float the defaults sum to 0.74.
    assert found.by_factor["support"] == pytest.approx(0.14 * 0.5 / 0.74)
    assert "float" not in found.used


def test_every_fault_of_a_profile_is_said_at_once(profile):
    file = profile('nam = "x"\n[weights]\nstge = 0.5\nstage = "much"\nfloat = -1\npurity = true\n')

    with pytest.raises(BadData) as caught:
        read_profile(file)

    assert [(fault.field, fault.message.partition(":")[0]) for fault in caught.value.faults] == [
        ("nam", "a profile has no such key; did you mean 'name'?"),
        ("name", "there is none"),
        ("weights.stge", "no factor has this name; did you mean 'stage'?"),
        ("weights.stage", "'much' is not a number"),
        ("weights.float", "-1 is below 0"),
        ("weights.purity", "True is not a number"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'x'", "weights: there are none: add a table [weights]"),
        ("name = 'default'\n[weights]\nstage=1", "default means the screen's own weights"),
        ("name = ''\n[weights]\nstage=1", "is not a text of one line"),
        ("name = 'x'\n[weights]\nstage=0.9\nfloat=0.2", "sum to 1.1: lower them"),
        ("name = 'x'\nweights = 3", "weights: there are none"),
    ],
)
def test_a_wrong_profile_is_refused(profile, text, said):
    with pytest.raises(BadData) as caught:
        read_profile(profile(text))

    assert said in str(caught.value)


def test_a_screen_by_other_weights_has_other_scores_another_version_and_exact_sums():
    miners, weights = universes.load(), read_weights("stage=0.1,support=0.2,float=0.7")
    plain, other = screen(miners, "2025-07-09"), screen(miners, "2025-07-09", weights=weights)

    assert plain.weights == default_weights()
    assert (plain.version, other.version) == (version(), version(weights))
    assert plain.version != other.version
    assert plain.symbols != other.symbols
    for row in other.rows:
        assert sum(row.scored.contributions.values()) == row.score
        assert set(row.scored.contributions) | set(row.scored.unknown) == {"float", "stage", "support"}
        assert row.tags()["purity_points"] is None


def test_default_weights_given_by_hand_change_nothing():
    miners = universes.load()
    by_hand = Weights("my own", default_weights().by_factor)
    plain, same = screen(miners, "2025-07-09"), screen(miners, "2025-07-09", weights=by_hand)

    assert [(row.symbol, row.score) for row in plain.rows] == [(row.symbol, row.score) for row in same.rows]
    assert plain.version == same.version


def test_one_factor_alone_is_a_score():
    found = screen(universes.load(), "2025-07-09", weights=read_weights("stage=1"))

    scores = {row.symbol: row.score for row in found.rows}
    assert scores["MP"] == pytest.approx(100 * explain(found, "MP").contributions[-2].value)
    assert explain(found, "MP").contributions[-2].factor == "stage"
    thin = screen(universes.load(), "2025-07-09", weights=read_weights("float=1"))
    assert "no score: fewer than 1 of 1 factors that have a weight are known" in {
        reason for _, reason in thin.dropped
    }


def test_history_is_by_the_weights_too():
    from datetime import date

    miners, weights = universes.load("rare-earths"), read_weights("stage=1")
    (scores,) = {score_history(miners, [date(2025, 7, 9)], weights)[company] for company in ["mp-materials"]}

    assert scores == (screen(miners, "2025-07-09", "symbol == 'MP'", weights=weights).rows[0].score,)
