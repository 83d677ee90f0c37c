"""A book replayed through past episodes: every number worked out in view, and what must hold for any book."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from strategies.event_stress import stress
from universes.errors import BadParameter

LENGTH = 40
# New York closes on this news on the same date, Sydney on the next: rows of 10 and of 11 January.
NEWS = "2024-01-10T12:00Z"
NEW_YORK_DAY, SYDNEY_DAY = 6, 7


def steps(start: float, levels: dict[int, float], length: int = LENGTH) -> list[float]:
    """Closes that stay where they are but for new levels from these own sessions on."""
    found = [start] * length
    for at, level in sorted(levels.items()):
        found[at:] = [level] * (length - at)
    return found


def new_york(offsets: dict[int, float]) -> list[float]:
    return steps(100.0, {NEW_YORK_DAY + day: level for day, level in offsets.items()})


def two_names(**changes):
    """AAA: +10 % on day 0, −1 % by day 4, +20 % by day 19. BBB.AX in Sydney: −10 %, +10 %, −50 %."""
    frames = {
        "AAA": worlds.bars(new_york({0: 110.0, 4: 99.0, 19: 120.0})),
        "BBB.AX": worlds.bars(
            steps(50.0, {SYDNEY_DAY: 45.0, SYDNEY_DAY + 4: 55.0, SYDNEY_DAY + 19: 25.0}), calendar="XASX"
        ),
    }
    return worlds.market(frames, exchange={"BBB.AX": "XASX"}, **changes)


def one_event(*more: str):
    return worlds.calendar(*(worlds.event(f"e{at}", when) for at, when in enumerate((NEWS, *more))))


def by_window(found):
    return {item.window: item for item in found.episodes}


def test_the_two_names_react_where_they_are_set_to():
    market = two_names()

    assert str(market.clock.hours["XNYS"].open_at[NEW_YORK_DAY])[:10] == "2024-01-10"
    assert str(market.clock.hours["XASX"].open_at[SYDNEY_DAY])[:10] == "2024-01-10"
    assert market.sessions[market.clock.hours["XASX"].rows[SYDNEY_DAY]].date() == date(2024, 1, 11)


def test_a_long_and_a_short_on_two_exchanges_each_move_by_their_own_sessions():
    found = stress(two_names(), one_event(), {"AAA": 600.0, "BBB.AX": -400.0})
    at = by_window(found)

    # 0.6 × 10 % + 0.4 × 10 %; 0.6 × −1 % − 0.4 × 10 %; 0.6 × 20 % + 0.4 × 50 %; gross value 1,000.
    assert [at[name].pnl for name in ("0:0", "0:4", "0:19")] == pytest.approx([100.0, -46.0, 320.0])
    assert [at[name].of_gross for name in at] == pytest.approx([0.1, -0.046, 0.32])
    assert [at[name].of_covered for name in at] == pytest.approx([0.1, -0.046, 0.32])
    assert {item.covered for item in found.episodes} == {1.0}
    assert (at["0:0"].first_session, at["0:0"].last_session) == (date(2024, 1, 10), date(2024, 1, 11))
    assert at["0:4"].loser == "BBB.AX"
    assert at["0:4"].loser_pnl == pytest.approx(-40.0)
    assert at["0:0"].loser == ""
    assert at["0:0"].loser_pnl is None


def test_each_position_is_named_with_its_share_move_and_contribution():
    found = stress(two_names(), one_event(), {"AAA": 600.0, "BBB.AX": -400.0}, lasts=(0,))

    assert [(item.symbol, item.share, item.note) for item in found.positions] == [
        ("AAA", 0.6, ""),
        ("BBB.AX", -0.4, ""),
    ]
    assert [item.move for item in found.positions] == pytest.approx([0.1, -0.1])
    assert [item.contribution for item in found.positions] == pytest.approx([0.06, 0.04])
    assert [item.pnl for item in found.positions] == pytest.approx([60.0, 40.0])


def test_a_name_that_nobody_knows_is_listed_and_nothing_is_scaled_up():
    found = stress(two_names(), one_event(), {"AAA": 800.0, "AAB": 200.0}, lasts=(0,))
    (episode,) = found.episodes

    # 10 % of 800 is 80: a tenth of what is covered, 8 % of the book.
    assert episode.covered == pytest.approx(0.8)
    assert episode.pnl == pytest.approx(80.0)
    assert episode.of_covered == pytest.approx(0.10)
    assert episode.of_gross == pytest.approx(0.08)
    assert [(item.symbol, item.share, item.reason) for item in found.left_out] == [
        ("AAB", 0.2, "no listing of that symbol; did you mean 'AAA'?")
    ]


def test_a_name_listed_later_is_listed_as_left_out_with_its_first_day():
    frames = {
        "AAA": worlds.bars(new_york({0: 90.0})),
        "NEW": worlds.bars([5.0] * 30, start="2024-01-10"),
        "OLD": worlds.bars(steps(10.0, {NEW_YORK_DAY: 20.0})),
    }
    found = stress(worlds.market(frames), one_event(), {"AAA": 50.0, "NEW": 25.0, "OLD": 25.0}, lasts=(0,))

    # NEW first trades on the reaction session itself: there is no close before it.
    assert [(item.symbol, item.reason) for item in found.left_out] == [
        ("NEW", "its prices begin on 2024-01-10")
    ]
    assert found.episodes[0].pnl == pytest.approx(-5.0 + 25.0)
    assert found.episodes[0].covered == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("terminal", "move", "note"),
    [
        ({"DIES": 12.5}, 0.25, "paid out: acquired"),
        ({}, 0.1, "acquired: last close, as what was paid is unknown"),
        ({"DIES": 0.0}, -1.0, "paid out: acquired"),
    ],
)
def test_a_name_that_ceases_within_the_window_gives_what_was_paid_for_it(terminal, move, note):
    # It closes at 11 on days 0 to 2, and is gone on day 3 (16 January; the 15th is a holiday).
    frames = {"AAA": worlds.bars(new_york({})), "DIES": worlds.bars([10.0] * 6 + [11.0] * 3)}
    market = worlds.market(frames, listed_to={"DIES": date(2024, 1, 16)}, terminal=terminal)
    found = stress(market, one_event(), {"DIES": 100.0})
    moves = {item.window: (item.move, item.note) for item in found.positions}

    assert moves["0:0"] == (pytest.approx(0.1), "")
    assert moves["0:4"] == moves["0:19"] == (pytest.approx(move), note)


@pytest.mark.parametrize(("bars", "last"), [(4, "2024-01-05"), (5, "2024-01-08")])
def test_a_name_that_had_ceased_by_the_close_before_is_left_out(bars, last):
    # With five bars it is paid out on 9 January, the session whose close is the one before the news.
    frames = {"AAA": worlds.bars(new_york({})), "GONE": worlds.bars([10.0] * bars)}
    market = worlds.market(frames, listed_to={"GONE": date(2024, 1, 9)}, terminal={"GONE": 99.0})
    found = stress(market, one_event(), {"AAA": 1.0, "GONE": 1.0}, lasts=(4,))

    assert [(item.symbol, item.reason) for item in found.left_out] == [("GONE", f"it ceased after {last}")]


def test_a_name_that_ceases_on_the_reaction_session_is_paid_out_against_the_close_before():
    # Last close 10 on 9 January; taken over on the 10th at 15, the session on which the news falls.
    frames = {"AAA": worlds.bars(new_york({})), "DIES": worlds.bars([10.0] * 6)}
    market = worlds.market(frames, listed_to={"DIES": date(2024, 1, 10)}, terminal={"DIES": 15.0})
    found = stress(market, one_event(), {"DIES": 100.0}, lasts=(0,))

    assert found.episodes[0].pnl == pytest.approx(50.0)


def test_prices_that_merely_stop_within_the_window_are_no_end_of_a_life():
    frames = {"AAA": worlds.bars(new_york({})), "STOP": worlds.bars([10.0] * 6 + [11.0] * 3)}
    found = stress(worlds.market(frames), one_event(), {"AAA": 1.0, "STOP": 1.0}, lasts=(0, 4))

    assert [(item.window, item.reason) for item in found.left_out] == [
        ("0:4", "its prices end on 2024-01-12")
    ]


def test_a_halt_keeps_the_last_price_for_a_week_and_no_longer():
    def halted(first: int, last: int) -> list[float | None]:
        return [None if first <= at <= last else 10.0 if at < NEW_YORK_DAY else 12.0 for at in range(LENGTH)]

    frames = {
        "AAA": worlds.bars(new_york({})),
        # No bar on the five sessions before: the sixth is too old. With a bar five sessions before it is not.
        "LONG": worlds.bars(halted(1, 5)),
        "WEEK": worlds.bars(halted(2, 5)),
        # No bar from day 0 to 4 of the window; the other has one on day 3.
        "SHUT": worlds.bars(halted(6, 10)),
        "BACK": worlds.bars([*halted(6, 8)[:9], 13.0, None, *[14.0] * (LENGTH - 11)]),
    }
    book = dict.fromkeys(frames, 1.0)
    found = stress(worlds.market(frames), one_event(), book, lasts=(4,))

    assert {item.symbol: item.reason for item in found.left_out} == {
        "LONG": "no price in the 5 sessions before",
        "SHUT": "no price within the window",
    }
    assert {item.symbol: item.move for item in found.positions} == {
        "AAA": 0.0,
        "BACK": pytest.approx(0.3),
        "WEEK": pytest.approx(0.2),
    }


def test_events_outside_the_prices_are_listed_as_not_covered():
    events = one_event("2023-06-01T12:00Z", "2024-02-26T12:00Z", "2024-08-01T12:00Z")
    found = stress(two_names(), events, {"AAA": 1.0}, lasts=(0, 4))

    # 40 sessions of New York end on 28 February: three from the 26th on.
    assert [(item.window, item.event, item.reason) for item in found.not_covered] == [
        ("0:0", "e1", "before the prices begin"),
        ("0:0", "e3", "after the prices end"),
        ("0:4", "e1", "before the prices begin"),
        ("0:4", "e2", "the prices end within its window"),
        ("0:4", "e3", "after the prices end"),
    ]
    assert [(item.window, item.events) for item in found.episodes] == [
        ("0:0", ("e0",)),
        ("0:0", ("e2",)),
        ("0:4", ("e0",)),
    ]


def test_an_event_on_the_first_session_has_no_close_before_it():
    found = stress(two_names(), worlds.calendar(worlds.event("first", "2024-01-02T12:00Z")), {"AAA": 1.0})

    assert {item.reason for item in found.not_covered} == {"before the prices begin"}
    assert found.episodes == ()


def test_the_last_whole_window_counts_and_one_session_more_does_not():
    # The last of 40 sessions of New York is 28 February, so that the window from the 22nd ends on it.
    last, over = (worlds.calendar(worlds.event("e", f"2024-02-{day}T12:00Z")) for day in (22, 23))

    assert [item.last_session for item in stress(two_names(), last, {"AAA": 1.0}, lasts=(4,)).episodes] == [
        date(2024, 2, 28)
    ]
    assert stress(two_names(), over, {"AAA": 1.0}, lasts=(4,)).episodes == ()


def test_events_of_one_date_are_one_episode():
    found = stress(two_names(), one_event("2024-01-10T15:00Z"), {"AAA": 1.0}, lasts=(0,))

    assert [item.events for item in found.episodes] == [("e0", "e1")]


def test_windows_that_share_a_session_are_one_episode_up_to_the_end_of_the_last():
    # Three sessions later: day 0 to 0 are two episodes, 0 to 4 meet and go on to day 7.
    market = worlds.market({"AAA": worlds.bars(new_york({0: 110.0, 3: 121.0, 7: 80.0, 8: 500.0}))})
    found = stress(market, one_event("2024-01-16T12:00Z"), {"AAA": 100.0}, lasts=(0, 4))

    assert [(item.window, item.events, item.episode) for item in found.episodes] == [
        ("0:0", ("e0",), 1),
        ("0:0", ("e1",), 2),
        ("0:4", ("e0", "e1"), 1),
    ]
    assert [item.pnl for item in found.episodes] == pytest.approx([10.0, 10.0, -20.0])
    assert [item.episodes for item in found.summaries] == [2, 1]


def test_a_date_on_which_one_exchange_reacts_to_one_event_and_another_to_the_next_joins_them():
    # News of the 10th and 11th, after Sydney's close: it reacts to the first on the 11th, as New York to the second.
    events = one_event("2024-01-11T12:00Z")

    both = stress(two_names(), events, {"AAA": 1.0, "BBB.AX": 1.0}, lasts=(0,))
    one = stress(two_names(), events, {"AAA": 1.0}, lasts=(0,))

    assert [item.events for item in both.episodes] == [("e0", "e1")]
    assert [item.events for item in one.episodes] == [("e0",), ("e1",)]
    assert (both.episodes[0].first_session, both.episodes[0].last_session) == (
        date(2024, 1, 10),
        date(2024, 1, 12),
    )


def test_worst_median_best_and_range_are_of_the_counted_episodes():
    # Day 0 of four dates, each 5 sessions after the other: +10 %, −20 %, +5 %, −4 %.
    dates = ("2024-01-18T12:00Z", "2024-01-25T12:00Z", "2024-02-01T12:00Z")
    levels = list(itertools.accumulate((1.1, 0.8, 1.05, 0.96), lambda level, by: level * by, initial=100.0))[
        1:
    ]
    market = worlds.market({"AAA": worlds.bars(new_york(dict(zip((0, 5, 10, 15), levels, strict=True))))})
    (summary,) = stress(market, one_event(*dates), {"AAA": 1000.0}, lasts=(0,)).summaries

    assert (summary.window, summary.episodes, summary.not_counted, summary.worst_episode) == ("0:0", 4, 0, 2)
    assert (summary.worst, summary.median, summary.best) == pytest.approx((-0.2, 0.005, 0.1))
    assert summary.range == pytest.approx(0.3)
    assert (summary.worst_pnl, summary.median_pnl, summary.best_pnl) == pytest.approx((-200.0, 5.0, 100.0))


def test_losers_are_named_from_the_largest_mean_loss_on_with_the_worst_episode():
    # Day 0 of two dates, 100 each, so that the second is the worst. AAA −10 % and −30 %, BBB +4 % and −6 %,
    # CCC +1 % twice, DDD +20 % and −5 %: it lost in the worst episode and gained on average.
    frames = {
        "AAA": worlds.bars(new_york({0: 90.0, 5: 63.0})),
        "BBB": worlds.bars(new_york({0: 104.0, 5: 97.76})),
        "CCC": worlds.bars(new_york({0: 101.0, 5: 102.01})),
        "DDD": worlds.bars(new_york({0: 120.0, 5: 114.0})),
    }
    book = dict.fromkeys(frames, 100.0)
    found = stress(worlds.market(frames), one_event("2024-01-18T12:00Z"), book, lasts=(0,))

    assert found.summaries[0].worst_episode == 2
    assert [(item.symbol, item.episodes) for item in found.losers] == [("AAA", 2), ("BBB", 2), ("DDD", 2)]
    assert [item.mean_pnl for item in found.losers] == pytest.approx([-20.0, -1.0, 7.5])
    assert [item.worst_pnl for item in found.losers] == pytest.approx([-30.0, -6.0, -5.0])
    assert [item.mean_contribution for item in found.losers] == pytest.approx(
        [-20 / 400, -1 / 400, 7.5 / 400]
    )
    assert [item.worst_contribution for item in found.losers] == pytest.approx(
        [-30 / 400, -6 / 400, -5 / 400]
    )


def test_a_loser_is_averaged_over_the_episodes_in_which_it_is_covered():
    # AAA −30 %, then +1 %; NEW, listed a day before the second news, −20 % on it.
    frames = {
        "AAA": worlds.bars(new_york({0: 70.0, 5: 70.7})),
        "NEW": worlds.bars([10.0, 8.0, *[8.0] * 20], start="2024-01-17"),
    }
    book = {"AAA": 100.0, "NEW": 100.0}
    found = stress(worlds.market(frames), one_event("2024-01-18T12:00Z"), book, lasts=(0,))
    aaa, new = sorted(found.losers, key=lambda item: item.symbol)

    # The worst is the first, of which NEW knows nothing: −30 % of AAA against (1 − 20) / 200.
    assert found.summaries[0].worst_episode == 1
    assert (aaa.episodes, aaa.mean_pnl, aaa.worst_pnl) == (2, pytest.approx(-14.5), pytest.approx(-30.0))
    assert (new.episodes, new.mean_pnl, new.worst_pnl) == (1, pytest.approx(-20.0), None)
    assert [item.symbol for item in found.losers] == ["NEW", "AAA"]


def test_an_episode_that_covers_too_little_is_shown_and_not_counted():
    book = {"AAA": 49.0, "ZZZ": 51.0}
    loose = stress(two_names(), one_event(), book, lasts=(0,), least_covered=0.49)
    strict = stress(two_names(), one_event(), book, lasts=(0,))

    assert loose.summaries[0].episodes == 1
    assert (strict.summaries[0].episodes, strict.summaries[0].not_counted) == (0, 1)
    assert strict.episodes == (replace(loose.episodes[0], counted=False),)
    assert strict.losers == ()
    assert strict.verdict == (
        "K = 0: no episode counts. Over 0:0: 1 episode with prices of too little of the book to count: "
        "ask for a smaller share to be covered."
    )


def test_an_event_at_which_no_held_name_had_prices_is_not_covered():
    frames = {"AAA": worlds.bars(new_york({})), "NEW": worlds.bars([5.0] * 20, start="2024-01-17")}
    found = stress(worlds.market(frames), one_event(), {"NEW": 1.0}, lasts=(0, 4))

    assert [(item.event, item.reason) for item in found.not_covered] == [
        ("e0", "no held name has prices then")
    ] * 2
    assert found.episodes == ()
    assert found.verdict == "K = 0: no episode counts. Over 0:0: 1 of 1 events: no held name has prices then."


def test_the_verdict_says_how_few_episodes_there_are_and_that_they_are_no_bound():
    found = stress(two_names(), one_event("2024-01-25T12:00Z"), {"AAA": 1.0})

    assert found.verdict == (
        "Few episodes: K = 2 over 0:0, 2 over 0:4, 1 over 0:19. History is not a bound: were the next one drawn like "
        "them, the chance that it is worse than all of them would be 1 in 3 over 0:0, 1 in 3 over 0:4, 1 in 2 over "
        "0:19; nothing here says by how much."
    )
    assert (
        stress(two_names(), worlds.calendar(), {"AAA": 1.0}).verdict == "K = 0: there is no event to replay."
    )


def test_what_else_moved_prices_is_handed_on():
    (event,) = one_event()
    calendar = worlds.calendar((replace(event, contaminated="Results of large companies"),))

    assert {item.contaminated for item in stress(two_names(), calendar, {"AAA": 1.0}).episodes} == {
        "Results of large companies"
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"holdings": {}}, "worth nothing"),
        ({"holdings": {"AAA": 0.0}}, "worth nothing"),
        ({"holdings": {"AAA": float("nan")}}, "no number"),
        ({"least_covered": 1.5}, "a fraction from 0 to 1"),
        ({"least_covered": float("nan")}, "a fraction from 0 to 1"),
        ({"lasts": (-1,)}, "sessions from 0 on"),
        ({"lasts": (4, 4)}, "sessions from 0 on"),
        ({"lasts": ()}, "sessions from 0 on"),
    ],
)
def test_a_book_or_number_that_cannot_be_is_refused_in_one_line(change, says):
    with pytest.raises(BadParameter, match=says) as caught:
        stress(two_names(), one_event(), **{"holdings": {"AAA": 1.0}} | change)

    assert "\n" not in str(caught.value)


def test_the_facade_gives_the_function():
    assert strategies.stress is stress


NAMES = ("AAA", "BBB.AX", "CCC", "DIES", "LATE", "NONE")
DATES = ("2024-01-18T12:00Z", "2024-01-19", "2024-01-25T03:00Z", "2024-02-06T12:00Z")


@pytest.fixture(scope="module")
def wild():
    """Five names of random walks on two exchanges: one dies, one is listed late, one of the book is nowhere."""
    walks = 100 * np.exp(np.random.default_rng(5).normal(0, 0.05, (5, LENGTH)).cumsum(axis=1))
    frames = {
        "AAA": worlds.bars(walks[0]),
        "BBB.AX": worlds.bars(walks[1], calendar="XASX"),
        "CCC": worlds.bars(walks[2]),
        "DIES": worlds.bars(walks[3][:20]),
        "LATE": worlds.bars(walks[4][:28], start="2024-01-19"),
    }
    return worlds.market(
        frames,
        exchange={"BBB.AX": "XASX"},
        listed_to={"DIES": date(2024, 1, 31)},
        terminal={"DIES": 77.0},
    )


books = st.dictionaries(
    st.sampled_from(NAMES), st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1), min_size=1
)


@settings(derandomize=True, max_examples=60)
@given(book=books)
def test_profit_and_loss_is_the_sum_of_the_contributions(wild, book):
    found = stress(wild, one_event(*DATES), book, least_covered=0.0)
    gross = sum(map(abs, book.values()))

    for episode in found.episodes:
        key = (episode.window, episode.episode)
        held = [item for item in found.positions if (item.window, item.episode) == key]
        out = [item for item in found.left_out if (item.window, item.episode) == key]
        assert episode.of_gross == pytest.approx(sum(item.contribution for item in held), abs=1e-12)
        assert episode.pnl == pytest.approx(
            sum(book[item.symbol] * item.move for item in held), abs=1e-9 * gross
        )
        assert episode.of_covered * episode.covered == pytest.approx(episode.of_gross, abs=1e-12)
        assert {item.symbol for item in held} | {item.symbol for item in out} == set(book)
        assert episode.covered + sum(abs(item.share) for item in out) == pytest.approx(1.0)
        assert len(held) + len(out) == len(book)


@settings(derandomize=True, max_examples=40)
@given(book=books.filter(lambda book: "BBB.AX" not in book))
def test_moves_are_those_of_a_table_of_marks_that_knows_no_lives(wild, book):
    found = stress(wild, one_event(*DATES), book, least_covered=0.0)
    own = wild.close["CCC"].dropna().index
    marks = wild.close.drop(columns="BBB.AX").reindex(own)
    marks.loc[own > "2024-01-30", "DIES"] = 77.0
    marks = marks.ffill()
    spans = {(item.window, item.episode): item for item in found.episodes}

    for item in found.positions:
        span = spans[item.window, item.episode]
        before = own[own < str(span.first_session)][-1]
        want = marks.at[str(span.last_session), item.symbol] / marks.at[before, item.symbol] - 1
        assert item.move == pytest.approx(want, rel=1e-12, abs=1e-12)


@settings(derandomize=True, max_examples=25)
@given(book=books, order=st.randoms(use_true_random=False))
def test_the_order_of_holdings_means_nothing(wild, book, order):
    names = list(book)
    order.shuffle(names)
    one, other = (
        stress(wild, one_event(*DATES), held) for held in (book, {name: book[name] for name in names})
    )

    assert asdict(one) == asdict(other)


@settings(derandomize=True, max_examples=25)
@given(book=books, times=st.sampled_from([2.0, 0.25, 1000.0]))
def test_scaling_the_book_scales_money_and_no_fraction(wild, book, times):
    one = stress(wild, one_event(*DATES), book)
    other = stress(wild, one_event(*DATES), {name: value * times for name, value in book.items()})

    assert [item.pnl * times for item in one.episodes] == pytest.approx([item.pnl for item in other.episodes])
    for name in ("covered", "of_covered", "of_gross"):
        assert [getattr(item, name) for item in one.episodes] == pytest.approx(
            [getattr(item, name) for item in other.episodes]
        )
    assert one.verdict == other.verdict
    assert one.left_out == tuple(replace(item, share=pytest.approx(item.share)) for item in other.left_out)


@settings(derandomize=True, max_examples=25)
@given(book=books)
def test_the_opposite_book_gains_what_the_book_loses(wild, book):
    one = stress(wild, one_event(*DATES), book)
    other = stress(wild, one_event(*DATES), {name: -value for name, value in book.items()})

    assert [-item.pnl for item in one.episodes] == pytest.approx([item.pnl for item in other.episodes])
    for summary, mirrored in zip(one.summaries, other.summaries, strict=True):
        if summary.episodes:
            assert summary.worst == pytest.approx(-mirrored.best)
            assert summary.range == pytest.approx(mirrored.range)
