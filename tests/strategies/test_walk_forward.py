"""Choices judged by episodes that they had not seen: returns per episode, the choice, the table and the words."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import engine_worlds
import numpy as np
import pytest
from pytest import approx

from strategies.episode_measures import mean_episode, median_episode, t_episode
from strategies.episode_returns import Batch, EpisodeReturns, episode_returns, find_episodes, last_exits
from strategies.execution import fill_tickets
from strategies.kernel import ExitGrid
from strategies.sizing import Limits, Sizing
from strategies.splits import Episode, Split
from strategies.tickets import NEVER
from strategies.walk_forward import Spec, judge, parse_spec, run
from strategies.walk_forward_result import COLUMNS
from universes.errors import BadParameter

VALUE = 25_000.0
SLOTS = 10**9
SEEDS = (1, 2, 3, 4, 5, 6)


def grid(hold, stop=nan, take_profit=nan, trailing_stop=nan) -> ExitGrid:
    """Exit rules, one a hold; other rules are the same for all, or one each."""
    count = len(hold)
    levels = (
        np.broadcast_to(np.asarray(level, dtype=float), count).copy()
        for level in (stop, take_profit, trailing_stop)
    )
    return ExitGrid(np.array(hold, dtype=np.int64), *levels)


RULES = grid(
    [1, 3, 8, 8, 8], [nan, nan, 0.05, nan, 0.2], [nan, nan, nan, 0.1, 0.02], [nan, nan, nan, 0.03, nan]
)


def batch(seed: int, exits: ExitGrid = RULES):
    """A random world's tickets under some exits, and its tape."""
    quick = engine_worlds.quick(seed)
    return Batch(quick.tickets, exits, np.arange(len(exits.hold))), quick.tape


def trade_returns(fills) -> list[float]:
    """Returns of trades from flat to flat, those still open left out."""
    open_, done = {}, []
    for fill in fills:
        trip = open_.setdefault(fill.symbol, {"buy": fill.buy, "paid": 0.0, "gain": 0.0, "held": 0.0})
        value, entering = fill.shares * fill.price, fill.buy == trip["buy"]
        trip["paid"] += value * entering
        trip["held"] += fill.shares if entering else -fill.shares
        trip["gain"] += (-value if fill.buy else value) - value * fill.fee - fill.borrow
        if trip["held"] <= 1e-9 * fill.shares:
            done.append(trip["gain"] / trip["paid"])
            del open_[fill.symbol]
    return done


def some(tickets, chosen):
    """Some tickets, in their order."""
    return replace(
        tickets, **{name: getattr(tickets, name)[chosen] for name in tickets.__slots__ if name != "events"}
    )


def filled(tickets, tape, exits: ExitGrid, rule: int):
    """Fills of the engine when every trade has its own capital, all with one exit rule."""
    count = len(tickets.row)
    names = ("hold", "stop", "take_profit", "trailing_stop")
    given = replace(tickets, **{name: np.full(count, getattr(exits, name)[rule]) for name in names})
    rules = {"sizing": Sizing("fixed", SLOTS), "limits": Limits(participation=None)}
    return fill_tickets(given, tape, cash=VALUE * SLOTS, **rules)[0]


def by_the_engine(tickets, tape, exits: ExitGrid, rule: int, events: tuple[str, ...]) -> list[float]:
    """Returns of the trades that the engine makes of some events alone."""
    chosen = np.array([tickets.events[at] in events for at in tickets.event])
    return trade_returns(filled(some(tickets, chosen), tape, exits, rule))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_set_earns_in_every_episode_what_the_engine_makes_of_its_events_alone(seed):
    given, tape = batch(seed)

    found = episode_returns([given], tape, sets=5, value=VALUE)

    assert sorted(event for events in found.events for event in events) == sorted(
        {given.tickets.events[at] for at in given.tickets.event}
    )
    for at, events in enumerate(found.events):
        for rule in range(5):
            trades = by_the_engine(given.tickets, tape, RULES, rule, events)
            assert found.closed[rule, at] == len(trades)
            assert found.mean[rule, at] == approx(np.mean(trades) if trades else nan, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_price_outside_of_its_window_moves_an_episode_by_a_bit(seed):
    given, tape = batch(seed)
    found = episode_returns([given], tape, sets=5, value=VALUE)
    noise = np.random.default_rng(seed)

    for at, window in enumerate(found.episodes):
        bars, terminal = tape.bars.copy(), tape.terminal.copy()
        outside = np.ones(len(tape.days), dtype=bool)
        outside[window.first + 1 : window.last + 1] = False
        bars[:, outside] *= noise.uniform(0.2, 5.0, (len(bars), int(outside.sum()), 1))
        terminal[(tape.end < 0) | outside[tape.end]] *= 3
        again = episode_returns([given], replace(tape, bars=bars, terminal=terminal), sets=5, value=VALUE)
        assert again.mean[:, at].tobytes() == found.mean[:, at].tobytes()


def test_a_position_left_by_its_hold_is_left_on_the_last_row_of_its_window_at_the_latest():
    # The window is no longer than it must be: often that is its last row.
    on_the_last = 0
    for seed in SEEDS:
        given, tape = batch(seed, grid([8]))
        last = {name: window.last for window, names in zip(*find_episodes([given], tape)) for name in names}
        exits = [fill for fill in filled(given.tickets, tape, given.exits, 0) if fill.reason == "hold"]
        assert all(fill.row <= last[fill.event] for fill in exits)
        on_the_last += sum(fill.row == last[fill.event] < len(tape.days) - 1 for fill in exits)
    assert on_the_last > 5


@pytest.mark.parametrize(
    ("rows", "episodes"),
    [
        (([4, 9],), (("a",), ("b",))),
        (([4, 9], [5, 9]), (("a",), ("b",))),
        # Some set decides on event a as late as row 9, where another decides on event b.
        (([4, 9], [9, 12]), (("a", "b"),)),
        (([4, 9], [9, 4]), (("a", "b"),)),
    ],
)
def test_events_whose_decisions_under_all_sets_share_a_session_are_one_episode(rows, episodes):
    given, tape = batch(1)

    found = find_episodes(
        [Batch(replace_rows(given.tickets, pair), RULES, np.arange(5)) for pair in rows], tape
    )

    assert found[1] == episodes


def test_a_window_runs_from_the_first_decision_to_the_last_exit_under_any_set():
    given, tape = batch(1)
    early, late = replace_rows(given.tickets, [4, 9]), replace_rows(given.tickets, [6, 11])
    short, long = grid([1]), grid([8])
    batches = [
        Batch(late, short, np.array([0])),
        Batch(early, long, np.array([1])),
        Batch(early, short, np.array([2])),
    ]

    (first, second), _ = find_episodes(batches, tape)

    latest = [max(last_exits(early, tape, 8)[at], last_exits(late, tape, 1)[at]) for at in range(2)]
    assert (first, second) == (Episode(4, latest[0]), Episode(9, latest[1]))


def replace_rows(tickets, rows):
    """Two tickets of the first symbol, of events a and b, decided on these rows."""
    two = some(tickets, slice(2))
    return replace(
        two, row=np.array(rows), symbol=np.zeros(2, dtype=np.int64), event=np.array([0, 1]), events=("a", "b")
    )


def test_a_hold_without_end_lasts_to_the_payout_or_the_last_session():
    given, tape = batch(1)

    last = last_exits(given.tickets, tape, NEVER)

    dies = tape.end[given.tickets.symbol]
    final = np.where(dies >= 0, dies, len(tape.days) - 1)
    waits = np.minimum(given.tickets.row + 10, len(tape.days) - 1)
    assert (last == final).any()
    assert ((last == final) | (last == waits)).all()


def test_the_number_of_threads_and_the_division_into_batches_change_no_bit():
    given, tape = batch(2)
    one = [Batch(given.tickets, grid_part(RULES, [at]), np.array([at])) for at in (3, 0, 4, 1, 2)]

    found = [
        episode_returns(batches, tape, sets=5, value=VALUE, workers=workers)
        for batches, workers in (([given], 1), (one, 1), (one, 4))
    ]

    assert len({item.mean.tobytes() + item.closed.tobytes() for item in found}) == 1


def grid_part(exits: ExitGrid, at: list[int]) -> ExitGrid:
    return ExitGrid(*(getattr(exits, name)[at] for name in ("hold", "stop", "take_profit", "trailing_stop")))


def test_an_entry_without_an_event_is_refused():
    given, tape = batch(1)
    nameless = replace(given.tickets, events=("", *given.tickets.events[1:]))
    nameless = replace(nameless, event=np.zeros_like(nameless.event))

    with pytest.raises(BadParameter, match="without an event: episodes are of events"):
        episode_returns([Batch(nameless, RULES, np.arange(5))], tape, sets=5, value=VALUE)


def test_measures_are_those_of_numpy_with_missing_values_left_out():
    random = np.random.default_rng(5)
    table = random.normal(size=(40, 7))
    table[random.random(table.shape) < 0.4] = nan
    table[:3] = [[nan] * 7, [0.5] + [nan] * 6, [0.25, 0.25] + [nan] * 5]

    means, medians, ts = mean_episode(table), median_episode(table), t_episode(table)

    for row, mean, median, t in zip(table, means, medians, ts):
        known = row[np.isfinite(row)]
        assert mean == approx(known.mean() if len(known) else nan, nan_ok=True)
        assert median == approx(np.median(known) if len(known) else nan, nan_ok=True)
        able = len(known) > 1 and known.std(ddof=1) > 1e-12
        assert t == approx(
            known.mean() / known.std(ddof=1) * np.sqrt(len(known)) if able else nan, nan_ok=True
        )


def returns(mean, closed=100) -> EpisodeReturns:
    """Results of sets in episodes ten sessions apart."""
    table = np.array(mean, dtype=float)
    episodes = tuple(Episode(10 * at, 10 * at + 5) for at in range(table.shape[1]))
    counts = np.broadcast_to(np.asarray(closed), table.shape)
    return EpisodeReturns(episodes, tuple((f"e{at}",) for at in range(len(episodes))), table, counts)


def test_the_best_set_in_training_is_judged_by_the_test_and_against_the_median_set():
    found = returns([[0.01, 0.03, 0.00], [0.05, 0.05, -0.02], [0.02, 0.00, 0.04]])

    item = judge(found, Split((0, 1), (2,), ()), Spec(train=2))

    # Means in training are 0.02, 0.05, 0.01; in test 0.00, -0.02, 0.04, of which the median is 0.
    assert (item.chosen, item.in_training, item.in_test, item.median_set) == approx((1, 0.05, -0.02, 0.0))
    assert item.better is False


def test_of_equal_sets_the_first_is_chosen():
    found = returns([[0.01, 0.00], [0.05, 0.00], [0.05, 0.09]])

    assert judge(found, Split((0,), (1,), ()), Spec(train=1)).chosen == 1


def test_a_set_with_fewer_trades_than_the_least_is_neither_chosen_nor_counted_in_the_median():
    found = returns([[0.9, 0.9], [0.05, 0.01], [0.04, 0.03]], closed=[[29, 1], [30, 1], [30, 1]])

    item = judge(found, Split((0,), (1,), ()), Spec(train=1, least=30))

    assert (item.chosen, item.median_set) == approx((1, 0.02))


def test_a_set_that_is_as_good_as_the_median_set_does_not_beat_it():
    assert judge(returns([[0.9, 0.02], [0.1, 0.02]]), Split((0,), (1,), ()), Spec(train=1)).better is False


def test_without_a_set_that_traded_enough_nothing_is_chosen_and_nothing_is_said():
    found = returns([[0.9, 0.9], [nan, 0.1]], closed=[[5, 5], [50, 50]])

    item = judge(found, Split((0,), (1,), ()), Spec(train=1, least=30))

    assert (item.chosen, item.better) == (-1, None)


def test_a_split_whose_training_was_purged_away_chooses_nothing():
    assert judge(returns([[0.9, 0.9]]), Split((), (1,), (0,)), Spec(train=1)).chosen == -1


def test_a_chosen_set_that_does_not_trade_in_the_test_beats_nobody():
    item = judge(returns([[0.9, nan], [0.1, 0.2]]), Split((0,), (1,), ()), Spec(train=1, least=1))

    assert (item.chosen, item.better) == (0, None)


SPECS = {
    "train=12,test=4,embargo=5": Spec(train=12, test=4, embargo=5),
    "train=12,test=4,embargo=0,anchored=true": Spec(train=12, test=4, embargo=0, anchored=True),
    "embargo=5,least=3,measure=t_episode,test=4,train=12": Spec(12, 4, 5, None, False, "t_episode", 3),
    "combinatorial:groups=6,test=2,embargo=5": Spec(groups=6, test=2, embargo=5),
    "combinatorial:groups=8,test=3,embargo=5,measure=median_episode": Spec(
        0, 3, 5, 8, False, "median_episode"
    ),
}


@pytest.mark.parametrize("text", SPECS)
def test_what_is_typed_is_read_and_written_back(text):
    assert parse_spec(text) == SPECS[text]
    assert parse_spec(str(parse_spec(text))) == SPECS[text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is not understood: write it like train=12,test=4,embargo=5"),
        ("train=12,test=4", "lacks embargo"),
        ("train=12,test=4,embargo=5,embargo=6", "'embargo=6' is given twice"),
        ("train=12,test=4,embargos=5", "did you mean 'embargo'?"),
        ("train=12,test=4,groups=5", "'groups=5' is not understood"),
        ("train=0,test=4,embargo=5", "train is 0: it must be a whole number from 1"),
        ("train=12,test=0,embargo=5", "test is 0: it must be a whole number from 1"),
        ("train=12,test=-4,embargo=5", "test is '-4': it must be a whole number"),
        ("train=1e3,test=4,embargo=5", "train is '1e3': it must be a whole number"),
        ("train=12,test=4,embargo=5,anchored=yes", "anchored is 'yes': it must be true or false"),
        (
            "train=12,test=4,embargo=5,measure=sharpe",
            "no measure 'sharpe'; known: mean_episode, median_episode, t_episode",
        ),
        ("train=12,test=4,embargo=5,least=0", "least is 0: it must be a whole number from 1"),
        ("combinatorial:", "'' is not understood: write it like combinatorial:groups=6,test=2,embargo=5"),
        ("combinatorial:train=3,test=2,embargo=5", "'train=3' is not understood"),
        ("combinatorial:groups=2,test=2,embargo=5", "test=2 of groups=2 leaves nothing to train on"),
        ("combinatorial:groups=0,test=2,embargo=5", "groups is 0: it must be a whole number from 2"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_with_the_mend(text, said):
    with pytest.raises(BadParameter, match=r"^walk-forward: [^\n]+$") as refused:
        parse_spec(text)

    assert said in str(refused.value)


def judged_world(text: str, seed: int = 3):
    given, tape = batch(seed)
    return run(parse_spec(text), [given], tape, sets=5, value=VALUE), tape


def test_a_walk_forward_stitches_the_returns_of_the_chosen_sets():
    found, _ = judged_world("train=4,test=2,embargo=0,least=1")

    expected = np.full(len(found.returns.episodes), nan)
    for item in found.judged:
        for at in item.split.test:
            expected[at] = found.returns.mean[item.chosen, at] if item.chosen >= 0 else nan
    assert found.paths.shape == (1, len(expected))
    assert found.paths[0].tobytes() == expected.tobytes()
    assert np.isfinite(expected).any()


def test_every_path_of_combinations_has_every_episode_judged_by_a_choice_that_had_not_seen_it():
    found, _ = judged_world("combinatorial:groups=4,test=2,embargo=2,least=1")

    assert found.paths.shape == (3, len(found.returns.episodes))
    for at in range(len(found.returns.episodes)):
        chosen = [item.chosen for item in found.judged if at in item.split.test]
        expected = sorted(str(found.returns.mean[one, at] if one >= 0 else nan) for one in chosen)
        assert sorted(str(value) for value in found.paths[:, at]) == expected


def test_the_rows_and_the_sentence_say_what_was_found():
    found, tape = judged_world("train=4,test=2,embargo=0,least=1")

    rows = found.rows([f"set {at}" for at in range(5)])

    assert all(len(row) == len(found.columns) for row in rows)
    first, item = rows[0], found.judged[0]
    dates = tape.days.astype("datetime64[D]")
    assert first[0] == str(dates[found.returns.episodes[item.split.test[0]].first])
    assert first[4] == f"set {item.chosen}"
    assert first[5] == f"{item.in_training:.2%}"
    better = [one.better for one in found.judged if one.better is not None]
    assert f"{sum(better)} of {len(better)} splits" in found.sentence
    assert f"made {np.nanmean(found.paths):.2%} an episode" in found.sentence
    assert f"On the {np.isfinite(found.paths).any(axis=0).sum()} episodes" in found.sentence


def test_the_record_is_plain_and_complete():
    import json

    found, _ = judged_world("combinatorial:groups=4,test=2,embargo=2,least=1")

    record = json.loads(json.dumps(found.as_dict(), allow_nan=False))

    assert record["spec"] == "combinatorial:groups=4,test=2,embargo=2,measure=mean_episode,least=1"
    assert len(record["splits"]) == 6
    assert record["splits"][0]["test"] == list(found.judged[0].split.test)
    assert [event for one in record["episodes"] for event in one["events"]] == [
        event for events in found.returns.events for event in events
    ]


def test_nothing_is_claimed_where_nothing_traded_enough():
    found, _ = judged_world("train=4,test=2,embargo=0,least=100000")

    assert found.sentence.startswith(
        "Nothing can be said out of sample: in no split was there a set with at least 100000"
    )
    assert {row[4] for row in found.rows(["x"] * 5)} == {"none"}


def test_sets_without_a_hold_leave_nothing_to_train_on_and_the_mend_is_said():
    given, tape = batch(3, grid([NEVER]))
    ends = last_exits(given.tickets, tape, NEVER) == len(tape.days) - 1
    given = replace(given, tickets=some(given.tickets, ends))

    with pytest.raises(
        BadParameter, match="every training episode reaches into a test and is purged: give all sets a hold"
    ):
        run(parse_spec("train=2,test=1,embargo=0"), [given], tape, sets=1, value=VALUE)


def test_a_set_that_is_best_by_luck_alone_does_not_beat_the_median_set():
    # 200 sets of noise: there is nothing to the best in training, and it beats the median in about half of the splits.
    random = np.random.default_rng(11)
    found = returns(random.normal(0, 0.05, (200, 60)))
    spec = parse_spec("combinatorial:groups=10,test=2,embargo=0")

    judged = [judge(found, split, spec) for split in spec.divide(found.episodes).splits]

    assert all(item.in_training > 0.01 for item in judged)
    assert 0.3 < np.mean([item.better for item in judged]) < 0.7


def test_a_set_that_is_really_better_is_found_and_beats_the_median_set():
    random = np.random.default_rng(12)
    table = random.normal(0, 0.02, (50, 60))
    table[17] += 0.02
    found = returns(table)
    spec = parse_spec("train=20,test=5,embargo=0")

    judged = [judge(found, split, spec) for split in spec.divide(found.episodes).splits]

    assert {item.chosen for item in judged} == {17}
    assert all(item.better for item in judged)


def test_the_page_shows_the_columns_that_are_printed_and_its_example_runs():
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).parents[2]
    page = (root / "docs" / "walk-forward.md").read_text()
    code = page.partition("```python\n")[2].partition("```")[0]

    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [
        line.partition("  # ")[2] for line in code.splitlines() if "print" in line
    ]
    shown = page.partition("| column | |")[2].partition("Below stands")[0]
    assert [name for name in COLUMNS if f"`{name}`" not in shown] == []
