"""Sessions without a bar: how many, which runs, and what long ones may mean."""

from __future__ import annotations

from price_files import days
from price_tables import table

from universes.price_file import PriceFile
from universes.session_gates import daily, holes
from universes.sessions import schedule

# Sydney around the consolidation of Lynas, which traded as LYCDA from 2017-11-30 to 2017-12-08.
DAYS = days(300, "2017-06-01", "XASX")


def without(gone: set[int], sessions: int = 300):
    on = [day for at, day in enumerate(DAYS[:sessions]) if at not in gone]
    file = PriceFile("LYC.AX", "LYC.AX", table([2.0] * len(on), on), True)
    return {item.gate: item for item in holes(file, schedule("XASX", DAYS[0], DAYS[-1]).index)}


def test_a_full_series_has_no_holes():
    assert without(set()) == {}


def test_one_per_cent_may_be_missing_before_it_is_a_gap_of_the_source():
    assert list(without({50, 100, 150})) == ["holes"]
    assert list(without({50, 100, 150, 200})) == ["holes", "missing-sessions"]
    assert "1.3% of the sessions from 2017-06-01" in without({50, 100, 150, 200})["missing-sessions"].message


def test_a_run_of_a_deferred_code_is_named_by_its_days():
    first = DAYS.index("2017-11-30")

    found = without({20, *range(first, first + 7)})

    assert list(found) == ["holes", "missing-sessions", "long-holes"]
    assert found["holes"].on == DAYS[20]
    assert found["long-holes"].on == "2017-11-30"
    assert found["long-holes"].message.startswith(
        "LYC.AX, 2017-11-29: no bar from 2017-11-30 to 2017-12-08; a halt, or trade under a deferred code"
    )


def test_halts_of_four_sessions_are_counted_and_not_named():
    assert "long-holes" not in without(set(range(30, 34)))


def test_of_many_long_runs_the_six_longest_are_named():
    starts = range(10, 290, 35)
    gone = {start + step for start in starts for step in range(5 + start // 100)}

    message = without(gone)["long-holes"].message

    assert message.count(" to ") == 6
    assert " and 2 shorter; " in message


def test_a_year_without_a_bar_may_be_another_company():
    found = without(set(range(20, 270)))

    assert found["reused-symbol"].on == DAYS[20]
    assert "no bar on 250 sessions up to" in found["reused-symbol"].message
    assert "reused-symbol" not in without(set(range(20, 269)))


def test_weekly_and_monthly_bars_are_refused_and_daily_ones_with_holes_are_not():
    sessions = schedule("XASX", DAYS[0], DAYS[-1]).index

    def judged(every: int):
        on = DAYS[::every]
        return list(daily(PriceFile("LYC.AX", "LYC.AX", table([2.0] * len(on), on), True), sessions))

    assert [len(judged(every)) for every in (1, 2, 3, 4, 5, 21)] == [0, 0, 0, 1, 1, 1]
    assert judged(5)[0].gate == "not-daily"
    assert judged(5)[0].message == "LYC.AX, 2017-06-01: bars are 5 sessions apart: give one bar a session"
    assert list(daily(PriceFile("LYC.AX", "LYC.AX", table([2.0], DAYS[:1]), True), sessions)) == []
