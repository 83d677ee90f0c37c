"""Planted policy effects on the shipped universe: what is published is what is in the prices."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import worlds

from universes import catalog
from universes.assemble import _listings
from universes.exposure import exposures
from universes.policy import Events, known_at
from universes.profile import float_band
from universes.quotes import Request
from universes.sessions import calendar_code, clock
from universes.simulation import parameters as p
from universes.simulation import simulate
from universes.simulation.planted import Effect, effects_on, log_returns

UNIVERSE = catalog.load("critical-minerals")
LISTINGS = _listings(UNIVERSE, ())
WHOLE = Request(UNIVERSE, LISTINGS, None, None)


@pytest.fixture(scope="module")
def touched():
    """Every firm-event of the shipped calendar within the horizon."""
    return exposures(catalog.shipped_events().between(p.FIRST, p.LAST), UNIVERSE)


@pytest.fixture(scope="module")
def with_effects():
    return simulate(WHOLE)


@pytest.fixture(scope="module")
def bare():
    return simulate(WHOLE, effects=False)


def planted_steps(frame, rows):
    """Log return that the published rows plant in each bar: at the open, and within the session."""
    overnight, intraday = np.zeros(len(frame)), np.zeros(len(frame))
    traded = list(np.flatnonzero(frame["volume"] > 0))
    for row in rows.itertuples():
        at = frame.index.get_loc(row.session)
        if row.lands == "open":
            overnight[at] += row.jump
        else:
            intraday[at] += row.jump
        position = traded.index(at)
        for later in traded[position + 1 : position + 1 + row.fade_sessions]:
            intraday[later] -= row.jump * row.fade_share / row.fade_sessions
    return overnight, intraday


def rounding(*frames):
    """Largest difference of log prices that rounding to 0.0001 as printed can make."""
    printed = [
        frame["low"] * frame["split"][::-1].cumprod()[::-1].shift(-1, fill_value=1.0) for frame in frames
    ]
    return sum(0.0001 / one for one in printed) + 1e-9


def test_prices_with_effects_differ_from_bare_ones_by_exactly_the_published_effects(with_effects, bare):
    truth = with_effects.truth
    compared = 0
    for symbol, rows in truth.groupby("symbol"):
        one, other = with_effects.bars[symbol], bare.bars[symbol]
        overnight, intraday = planted_steps(one, rows)
        at_close = np.cumsum(overnight + intraday)
        above_floor = (one["low"] > p.PRICE_FLOOR) & (other["low"] > p.PRICE_FLOOR)
        quiet = one["volume"] == 0
        bound = rounding(one, other)

        assert one.index.equals(other.index)
        at_close_error = (np.log(one["close"] / other["close"]) - at_close).abs()
        at_open_error = (np.log(one["open"] / other["open"]) - (at_close - intraday)).abs()
        assert (at_close_error <= bound)[above_floor].all(), symbol
        assert (at_open_error <= bound)[above_floor & ~quiet].all(), symbol
        compared += len(rows)
    assert compared == len(truth) > 200


def test_names_without_an_effect_have_the_same_bytes_with_and_without(with_effects, bare):
    untouched = set(bare.bars) - set(with_effects.truth["symbol"])

    assert {row.symbol for row in UNIVERSE.controls} <= untouched
    for symbol in untouched:
        assert with_effects.bars[symbol].to_numpy().tobytes() == bare.bars[symbol].to_numpy().tobytes()


def test_the_bare_market_publishes_no_effects(bare):
    assert bare.truth.empty
    assert list(bare.truth.columns) == [
        "event", "symbol", "kind", "sign", "session", "lands", "jump", "fade_share", "fade_sessions"
    ]  # fmt: skip


def test_each_jump_is_sign_times_base_times_weight_times_float_multiplier(with_effects, touched):
    events = catalog.shipped_events()
    by_pair = {(item.event, item.symbol): item for item in touched}
    last_days = {(row.symbol, row.company): min(row.listed_to or p.LAST, p.LAST) for row in LISTINGS}
    for row in with_effects.truth.itertuples():
        exposure = by_pair[row.event, row.symbol]
        last = last_days[row.symbol, exposure.company]
        on = last if last == p.LAST else (pd.Timestamp(last) - pd.Timedelta(days=1)).date()
        band = float_band(UNIVERSE.profile(exposure.company, on).float_) or "unknown"
        planted = p.EFFECTS[events[row.event].kind]

        expected = exposure.sign * planted.base * exposure.weight * p.TIGHTNESS[band].effect

        assert row.jump == pytest.approx(expected, rel=1e-12)
        assert (row.kind, row.sign) == (events[row.event].kind, exposure.sign)
        assert (row.fade_share, row.fade_sessions) == (planted.fade_share, planted.fade_sessions)


def test_a_jump_lands_on_the_first_session_to_close_after_the_news_in_the_gap_if_known_before_the_open(
    with_effects,
):
    shared = clock({calendar_code(row.exchange) for row in LISTINGS}, str(p.FIRST), str(p.LAST))
    exchange = {row.symbol: calendar_code(row.exchange) for row in LISTINGS}
    events = catalog.shipped_events()
    passed_on = 0
    for row in with_effects.truth.itertuples():
        instant = pd.Timestamp(known_at(events[row.event]))
        hours = shared.hours[exchange[row.symbol]]
        closes = hours.close_at > instant.tz_convert(None).to_datetime64()
        first = int(np.argmax(closes))
        session = shared.sessions[hours.rows[first]]
        if row.session != session:
            # Halted, or without a trade: the first trade afterwards opens with the jump.
            bars = with_effects.bars[row.symbol].loc[session : row.session]
            assert (bars["volume"].iloc[:-1] == 0).all()
            assert row.lands == "open"
            passed_on += 1
            continue
        known_before_open = hours.open_at[first] > instant.tz_convert(None).to_datetime64()
        assert row.lands == ("open" if known_before_open else "intraday")
    assert passed_on < 0.02 * len(with_effects.truth)
    assert set(with_effects.truth["lands"]) == {"open", "intraday"}


def test_every_firm_event_with_a_sign_and_a_price_before_it_is_planted(with_effects, touched):
    kinds = {row.event: row.kind for row in catalog.shipped_events()}
    bars = with_effects.bars
    expected = set()
    for item in touched:
        frame = bars.get(item.symbol)
        if item.sign == 0 or kinds[item.event] not in p.EFFECTS or frame is None:
            continue
        on = pd.Timestamp(known_at(catalog.shipped_events()[item.event]).date())
        # A week on each side keeps clear of first and last sessions, which the other tests hold.
        if frame.index[0] + pd.Timedelta(days=7) < on < frame.index[-1] - pd.Timedelta(days=7):
            expected.add((item.event, item.symbol))
    planted = set(with_effects.truth[["event", "symbol"]].itertuples(index=False, name=None))

    assert expected <= planted
    assert len(planted - expected) < 0.05 * len(planted)


def test_most_kinds_have_no_effect_so_that_a_study_can_say_nothing(with_effects):
    kinds = {row.kind for row in catalog.shipped_events()}

    assert {"export-control"} <= set(with_effects.truth["kind"]) <= set(p.EFFECTS)
    assert len(kinds - set(p.EFFECTS)) >= 5


def abnormal(quotes, rows):
    """Log return of each firm-event's reaction bar, less the mean of untouched members of its exchange."""
    exchange = {row.symbol: calendar_code(row.exchange) for row in LISTINGS}
    returns = pd.DataFrame({name: np.log(frame["close"]).diff() for name, frame in quotes.bars.items()})
    found = []
    for session, here in rows.groupby("session"):
        touched = set(quotes.truth.loc[quotes.truth["session"] == session, "symbol"])
        for row in here.itertuples():
            peers = [
                name for name in returns
                if exchange[name] == exchange[row.symbol] and name not in touched and name in UNIVERSE_SYMBOLS
            ]  # fmt: skip
            base = returns.loc[session, peers].mean() if peers else 0.0
            found.append((session, returns.loc[session, row.symbol] - (0.0 if np.isnan(base) else base)))
    return pd.DataFrame(found, columns=["session", "return"])


UNIVERSE_SYMBOLS = {row.symbol for row in LISTINGS} - {row.symbol for row in UNIVERSE.controls}


def test_mean_abnormal_returns_of_export_controls_recover_the_mean_planted_jump(with_effects):
    every = with_effects.truth
    rows = every[every["kind"] == "export-control"]
    # Several events may meet on one reaction session of a name: their jumps add up.
    total = every.groupby(["session", "symbol"])["jump"].sum()
    planted = rows.join(total.rename("all"), on=["session", "symbol"]).groupby("session")["all"].mean()
    seen = abnormal(with_effects, rows).groupby("session")["return"].mean()

    difference = seen - planted
    error = difference.std(ddof=1) / np.sqrt(len(difference))

    # The unit is the date: names that react on one date share their shocks.
    assert len(difference) >= 10
    assert abs(difference.mean()) < 3 * error
    assert seen.mean() > 2 * error


def test_effects_that_meet_add_up_and_a_fade_gives_back_its_share_over_traded_sessions_only():
    traded = np.array([True, True, False, True, True, True])
    one = Effect("e", "A", "tariff", 1, 1, "open", 0.04, 0.5, 2)
    two = Effect("f", "A", "tariff", -1, 3, "intraday", -0.01, 0.0, 2)

    overnight, intraday = log_returns([one, two], traded)

    # 0.04 at the open of session 1; half of it back in two parts of 0.01, on sessions 3 and 4.
    assert overnight == pytest.approx([0, 0.04, 0, 0, 0, 0])
    assert intraday == pytest.approx([0, 0, 0, -0.01 - 0.01, -0.01, 0])


def place(announced, traded=None, start="2024-06-03"):
    """Where an event lands on a New York listing whose life starts on a date."""
    shared = clock({"XNYS"}, "2024-06-03", "2024-06-14")
    sessions = shared.sessions[shared.sessions >= start]
    event = worlds.event("x", announced, ["AAA"])[0]
    universe = worlds.world_universe((worlds.listing("AAA"),))
    exposure = exposures(Events((event,), worlds.event("x", announced, ["AAA"])[1:]), universe)[0]
    mask = np.ones(len(sessions), dtype=bool)
    for label in traded or ():
        mask[sessions.get_loc(label)] = False
    found = effects_on(
        [(event, exposure)],
        worlds.listing("AAA"),
        clock=shared,
        sessions=sessions,
        traded=mask,
        multiplier=1.0,
    )
    return [(str(sessions[item.row].date()), item.lands) for item in found]


@pytest.mark.parametrize(
    ("announced", "halted", "expected"),
    [
        # New York opens at 13:30 and closes at 20:00 UTC in June.
        ("2024-06-05T10:00Z", [], [("2024-06-05", "open")]),
        ("2024-06-05T15:00Z", [], [("2024-06-05", "intraday")]),
        ("2024-06-05T21:00Z", [], [("2024-06-06", "open")]),
        ("2024-06-07T21:00Z", [], [("2024-06-10", "open")]),
        ("2024-06-05", [], [("2024-06-06", "open")]),
        ("2024-06-05T15:00Z", ["2024-06-05", "2024-06-06"], [("2024-06-07", "open")]),
        ("2024-06-14T21:00Z", [], []),
    ],
)
def test_the_reaction_session_and_its_part_follow_the_clock_of_the_exchange(announced, halted, expected):
    assert place(announced, halted) == expected


def test_an_effect_that_would_move_the_first_price_of_a_life_is_not_planted():
    assert place("2024-06-05T10:00Z", start="2024-06-05") == []
    assert place("2024-06-05T15:00Z", start="2024-06-05") == [("2024-06-05", "intraday")]


def test_a_cut_publishes_the_effects_whose_reaction_session_it_holds(with_effects):
    start, end = date(2023, 1, 3), date(2024, 12, 31)

    cut = simulate(Request(UNIVERSE, LISTINGS, start, end))

    every = with_effects.truth
    within = every[(every["session"] >= "2023-01-03") & (every["session"] <= "2024-12-31")]
    pd.testing.assert_frame_equal(cut.truth, within.reset_index(drop=True))


def test_a_name_has_the_same_prices_alone_as_among_all(with_effects):
    for symbol in ("MP", "LYC.AX", "UUUU"):
        alone = simulate(
            Request(UNIVERSE, tuple(row for row in LISTINGS if row.symbol == symbol), None, None)
        )

        assert list(alone.bars) == [symbol]
        assert alone.bars[symbol].to_numpy().tobytes() == with_effects.bars[symbol].to_numpy().tobytes()


def test_every_listing_is_simulated_or_missing_with_a_reason(with_effects):
    here = set(with_effects.bars)
    missing = {item.symbol for item in with_effects.missing}

    assert {row.symbol for row in LISTINGS} == here | missing
    assert all(item.reason for item in with_effects.missing)


def test_deaths_of_the_facts_pay_zero_or_a_price_near_the_last(with_effects):
    for symbol, value in with_effects.terminal.items():
        last = with_effects.bars[symbol]["close"].iloc[-1]
        assert value == 0.0 or 1.0 - 1e-9 <= value / last <= 1.02 + 1e-3
    assert {with_effects.terminal[name] for name in ("MCP",)} == {0.0}


def test_the_majors_of_the_model_are_companies_of_the_facts():
    assert {row.company for row in UNIVERSE.facts.companies} >= p.MAJORS | p.INDEX_FUNDS


def test_the_page_publishes_the_table_of_effects():
    page = (Path(__file__).parents[2] / "docs" / "simulated-market.md").read_text(encoding="utf-8")

    for kind, planted in p.EFFECTS.items():
        row = f"| `{kind}` | {planted.base:.1%} | {planted.fade_share:.0%} | {planted.fade_sessions} |"
        assert row in page
    for name, standing in p.STANDINGS.items():
        assert (
            f"| {name} | {standing.volatility:.2%} | {standing.market:.0%} | {standing.sector:.0%} |" in page
        )
    for band, tightness in p.TIGHTNESS.items():
        values = (tightness.volatility, tightness.turnover, tightness.range, tightness.effect)
        assert f"| {band} | {' | '.join(f'{value:.2f}' for value in values)} |" in page
