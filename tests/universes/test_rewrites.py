"""Between two series of one symbol: what later actions explain, and what the vendor rewrote."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_files import days
from price_tables import table

from universes.rewrites import rewrites

DAYS = days(40)
CLOSES = [20.0 + 0.1 * (step % 7) for step in range(40)]


def series(closes=CLOSES, on=DAYS, *, dividends=(), splits=()) -> pd.DataFrame:
    """As a vendor sends it: actions by day, closes on today's shares, adjusted closes that follow from both."""
    frame = table(closes, on[: len(closes)])
    for column, actions in (("dividend", dividends), ("split", splits)):
        for day, value in actions:
            frame.loc[day, column] = value
    step = (1 - frame["dividend"] / frame["close"].shift()).fillna(1.0)
    later = step[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
    return frame.assign(adjusted_close=frame["close"] * later)


def gates(old, new):
    return [item.gate for item in rewrites("MP", old, new)]


def after_split(frame: pd.DataFrame, ratio: float, day: str) -> pd.DataFrame:
    """The same history as it is stated after a split."""
    prices = ["open", "high", "low", "close", "adjusted_close", "dividend"]
    before = frame.index < day
    scaled = frame.copy()
    scaled.loc[before, prices] /= ratio
    scaled.loc[before, "volume"] *= ratio
    scaled.loc[day, "split"] = ratio
    return scaled


def test_the_same_series_and_one_with_later_sessions_are_silent():
    assert rewrites("MP", series(), series()) == ()
    assert rewrites("MP", series().iloc[:30], series()) == ()


def test_a_later_dividend_rescales_and_is_explained():
    # The close before is 20.2 on row 30 (30 % 7 = 2); 1 - 0.404 / 20.2 = 0.98.
    new = series(dividends=[(DAYS[31], 0.404)])

    found = rewrites("MP", series().iloc[:30], new)

    assert [item.gate for item in found] == ["rescaled"]
    assert found[0].message.startswith(f"adjusted close to {DAYS[29]} stands at 0.98 times its old level; ")
    assert "the splits and dividends since explain it" in found[0].message


def test_a_later_split_rescales_closes_adjusted_closes_and_volumes_and_is_explained():
    old = series(dividends=[(DAYS[5], 0.4)])
    new = after_split(old, 4, DAYS[35])

    found = rewrites("MP", old.iloc[:30], new)

    assert [item.gate for item in found] == ["rescaled", "rescaled"]
    assert all(
        "stands at 0.25 times its old level; the splits and dividends since explain it" in item.message
        for item in found
    )


def test_a_rescale_that_no_action_explains_says_so():
    new = series()
    new[["close", "adjusted_close"]] *= 0.9458

    found = rewrites("MP", series().iloc[:30], new)

    assert [item.gate for item in found] == ["rescaled", "rescaled"]
    assert f"no split or dividend since {DAYS[29]} explains it" in found[0].message


def test_a_rescale_by_more_than_the_actions_say_names_both():
    new = after_split(series(), 2, DAYS[35])
    new[["close", "adjusted_close"]] *= 0.9

    found = rewrites("MP", series().iloc[:30], new)

    assert "stands at 0.45 times its old level; the splits and dividends since say 0.5" in found[0].message


def test_a_dividend_added_to_history_is_one_return_and_one_action():
    # Six months late: the vendor learns of 0.404 a share on row 10, close before 20.2 (9 % 7 = 2).
    new = series(dividends=[(DAYS[10], 0.404)])

    found = rewrites("MP", series(), new)

    assert [(item.gate, item.on) for item in found] == [
        ("rewritten-return", DAYS[10]),
        ("rewritten-actions", DAYS[10]),
    ]
    # Levels before it fall by 2 %, so that return rises by 1 / 0.98 - 1 = 2.04 %.
    assert "1 returns of adjusted close differ, by up to +2.04%" in found[0].message
    assert "earlier ones changed by -2.00% in level, the last by +0.00%" in found[0].message
    assert f"1 dividends came, went or changed: {DAYS[10]} 0 to 0.404" in found[1].message


def test_adjusted_rows_that_were_appended_to_a_cache_are_told_from_a_fresh_series():
    # Rows to 20 as adjusted before the dividend of row 21, later rows appended: the level breaks at the join.
    fresh = series(dividends=[(DAYS[21], 1.0)])
    stale = series()["adjusted_close"].iloc[:21].to_frame()
    cached = pd.concat([stale, fresh[["adjusted_close"]].iloc[21:]])

    found = rewrites("MP", cached, fresh)

    assert [(item.gate, item.on) for item in found] == [("rewritten-return", DAYS[21])]
    assert "never join the two" in found[0].message


def test_one_close_that_changed_is_two_returns_and_its_volume():
    new = series()
    new.loc[DAYS[10], ["close", "adjusted_close"]] *= 1.022
    new.loc[DAYS[10], "volume"] = 240.0

    found = rewrites("MP", series(), new)

    assert [(item.gate, item.on) for item in found] == [
        ("rewritten-close", DAYS[10]),
        ("rewritten-return", DAYS[10]),
        ("rewritten-volume", DAYS[10]),
    ]
    assert f"2 returns of close differ, by up to +2.20%: {DAYS[10]}, {DAYS[11]}" in found[0].message


def test_a_last_bar_that_alone_changed_was_fetched_too_early():
    old = series().iloc[:30]
    old.loc[DAYS[29], ["close", "adjusted_close"]] *= 0.98
    old.loc[DAYS[29], "volume"] = 200.0

    found = rewrites("MP", old, series())

    assert [(item.gate, item.on) for item in found] == [("last-bar", DAYS[29])] * 3
    assert "close of the last session that both have changed by +2.04%" in found[0].message


@pytest.mark.parametrize(
    ("column", "old", "new"), [("dividend", 0.5, 0.0), ("split", 1.0, 2.0), ("dividend", 0.5, 0.6)]
)
def test_actions_that_went_came_or_changed_are_named(column, old, new):
    before, after = table(CLOSES, DAYS), table(CLOSES, DAYS)
    before.loc[DAYS[4], column], after.loc[DAYS[4], column] = old, new

    found = rewrites("MP", before, after)

    assert [(item.gate, item.on) for item in found] == [("rewritten-actions", DAYS[4])]
    assert f"{DAYS[4]} {old:g} to {new:g}" in found[0].message


def test_sessions_that_came_or_went_inside_are_named_and_those_at_the_ends_are_not():
    old, new = series().iloc[5:], series()

    assert gates(old, new) == []
    assert gates(old.drop(old.index[[7, 8]]), new) == ["sessions-added"]
    assert gates(new, old.drop(old.index[[7, 8]])) == ["sessions-gone"]


def test_nothing_in_common_is_said():
    assert gates(series().iloc[:10], series().iloc[10:]) == ["sessions-gone"]


def test_missing_values_are_compared_with_nothing():
    old = series()
    old.loc[DAYS[10], ["close", "adjusted_close", "volume"]] = np.nan

    assert gates(old, series()) == []


def test_five_basis_points_are_the_edge():
    near, far = series(), series()
    near.loc[DAYS[10] :, ["close", "adjusted_close"]] *= 1.00049
    far.loc[DAYS[10] :, ["close", "adjusted_close"]] *= 1.00051

    assert gates(series(), near) == []
    assert gates(series(), far)[0] == "rewritten-close"


@given(
    st.floats(0.05, 20),
    st.lists(st.floats(5, 50), min_size=12, max_size=12),
    st.integers(2, 11),
)
def test_a_split_anywhere_after_the_old_series_is_always_explained(ratio, closes, known):
    ratio = ratio if abs(ratio - 1) > 0.01 else 2.0
    old = series(closes, DAYS)
    new = after_split(pd.concat([old, series([30.0], DAYS[12:13])]), ratio, DAYS[12])

    found = rewrites("MP", old.iloc[:known], new)

    assert [item.gate for item in found] == ["rescaled", "rescaled"]
    assert all("explain it" in item.message for item in found)


@given(st.integers(1, 37), st.floats(0.002, 0.5))
def test_a_break_in_the_level_is_always_found_on_its_day(at, size):
    new = series()
    new.iloc[:at, new.columns.get_loc("adjusted_close")] *= 1 - size

    found = rewrites("MP", series(), new)

    assert [(item.gate, item.on) for item in found] == [("rewritten-return", DAYS[at])]
