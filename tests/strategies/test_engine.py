"""The backtest from end to end: the books agree with the fills, and with what a hand would compute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest
import worlds
from pytest import approx

from strategies import Costs, Entries, Entry, Exits, backtest
from strategies.library.chase import Chase
from strategies.library.equal_weight import EqualWeight
from strategies.sizing import Limits
from strategies.statement import data_statement
from universes.assemble import _assemble
from universes.errors import BadParameter, UnknownName
from universes.quotes import Quotes, Request
from universes.survivorship import survivorship


@dataclass(frozen=True)
class Always:
    """Buy one symbol after row 0 and hold it."""

    symbol: str = "AAA"

    def plan(self, market, events, eligible):
        return Entries((Entry(0, self.symbol, "", Exits()),))


@dataclass(frozen=True)
class Never:
    def plan(self, market, events, eligible):
        return Entries(())


FREE = Costs(fee_bps=0, slippage_bps=0, fx_bps=0)
NO_LIMIT = Limits(participation=None)


def test_holding_one_name_without_costs_is_its_price():
    market = worlds.market({"AAA": worlds.bars([10, 10, 11, 9, 12])})

    result = backtest(Always(), market, costs=FREE, cash=100.0, slots=1)

    assert result.equity["net"].tolist() == approx([100, 100, 110, 90, 120], rel=1e-11)
    assert result.equity["gross"].tolist() == approx(result.equity["net"].tolist())


def test_gross_is_net_with_all_costs_added_back():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10])})

    result = backtest(Always(), market, costs=Costs(fee_bps=100, slippage_bps=100), cash=100.0, slots=1)

    # 100 buys 100 / 1.01 worth at 10.10 a share: shares = 100 / 1.01 / 10.10, each worth 10 at the close.
    shares = 100 / 1.01 / 10.10
    assert result.equity["net"].iloc[-1] == approx(shares * 10, rel=1e-9)
    assert result.equity["gross"].iloc[-1] == approx(
        shares * 10 + shares * 10.10 * 0.01 + shares * 0.10, rel=1e-9
    )


def test_cash_and_holdings_are_equity_and_trades_explain_its_change():
    market = worlds.market(
        {"AAA": worlds.bars([10, 11, 12, 11, 13]), "BBB": worlds.bars([20, 19, 21, 22, 20])}
    )

    result = backtest(EqualWeight(), market, cash=1000.0)

    change = result.equity["net"].iloc[-1] - 1000.0
    assert result.trades["pnl"].sum() == approx(change, rel=1e-9)


def test_an_idle_strategy_keeps_its_cash_and_has_no_sharpe():
    market = worlds.market({"AAA": worlds.bars([10, 11, 12])})

    result = backtest(Never(), market)

    assert result.equity["net"].tolist() == [1e6] * 3
    assert str(result.metrics["sharpe"]) == "n/a (no trade was made)"
    assert "n/a (no trade was made)" in str(result)


def test_default_costs_are_not_zero():
    market = worlds.market({"AAA": worlds.bars([10, 10, 10])})

    assert backtest(Always(), market).metrics["costs_paid"].value > 0


def test_the_order_of_symbols_changes_no_bit():
    frames = {
        name: worlds.bars(np.linspace(10, 10 + step, 40).tolist()) for name, step in zip("ABC", (3, -2, 5))
    }
    backwards = dict(reversed(frames.items()))

    first, second = (backtest(EqualWeight(), worlds.market(given)) for given in (frames, backwards))

    assert first.equity["net"].tolist() == second.equity["net"].tolist()
    pd.testing.assert_frame_equal(first.orders, second.orders, check_exact=True)


def test_a_name_that_is_never_bought_changes_no_bit():
    frames = {"AAA": worlds.bars([10, 11, 12, 11]), "BBB": worlds.bars([5, 6, 4, 5])}
    with_dead = frames | {"ZZZ": worlds.bars([1, 1, 1, 1])}

    alone = backtest(Always(), worlds.market(frames))
    beside = backtest(Always(), worlds.market(with_dead))

    assert alone.equity["net"].tolist() == beside.equity["net"].tolist()


def test_a_delisted_name_pays_its_terminal_value_into_equity():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10, 10]), "BBB": worlds.bars([1] * 6)},
        listed_to={"AAA": date(2024, 1, 5)},
        terminal={"AAA": 0.0},
    )

    result = backtest(Always(), market, costs=FREE, cash=100.0, slots=1)

    assert result.equity["net"].tolist() == approx([100, 100, 100, 0, 0, 0], abs=1e-9)
    assert result.trades["exit_reason"].tolist() == ["ceased"]


def test_the_live_portfolio_agrees_and_counts_252_sessions_a_year():
    market = worlds.market({"AAA": worlds.bars([10, 11, 12, 11, 13, 12])})

    result = backtest(Always(), market, slots=1)

    assert result.portfolio.value().iloc[-1] == result.equity["net"].iloc[-1]
    # Three rows a session: √756 annualises the return of a row.
    rows = result.portfolio.returns()
    assert result.portfolio.sharpe_ratio() == approx(rows.mean() / rows.std() * np.sqrt(3 * 252))


def test_names_in_two_currencies_are_refused_with_the_mend():
    market = worlds.market({"AAA": worlds.bars([10, 11]), "BBB": worlds.bars([10, 11])})
    market.lives.loc["BBB", "currency"] = "AUD"

    said = r"several currencies \(1 in AUD, 1 in USD\).* --currency USD \(currency='USD' from Python\)"
    with pytest.raises(BadParameter, match=said):
        backtest(Always(), market)

    only = pd.DataFrame({"AAA": True, "BBB": False}, index=market.sessions)
    assert backtest(Always(), market, eligible=only).settings["currency"] == "USD"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cash": 0.0}, "cash is 0.0: it must be above zero"),
        ({"slots": 0}, "slots is 0"),
        ({"eligible": pd.DataFrame({"AAA": [True]})}, "make it with screener.eligibility"),
    ],
)
def test_a_bad_option_is_refused_in_one_line(options, said):
    market = worlds.market({"AAA": worlds.bars([10, 11])})

    with pytest.raises(BadParameter, match=said):
        backtest(Always(), market, **options)


def test_costs_out_of_range_are_refused():
    with pytest.raises(BadParameter, match="fee_bps is -1"):
        Costs(fee_bps=-1)


def test_an_unknown_benchmark_is_refused_with_the_nearest_name():
    market = worlds.market({"AAA": worlds.bars([10, 11])})

    with pytest.raises(UnknownName, match="no benchmark named 'AAB'; did you mean 'AAA'"):
        backtest(Always(), market, benchmark="AAB")


def test_a_benchmark_symbol_starts_at_the_same_cash():
    market = worlds.market({"AAA": worlds.bars([10, 11, 12]), "BBB": worlds.bars([4, 5, 6])})

    result = backtest(Always(), market, benchmark="BBB", cash=100.0)

    assert result.equity["benchmark"].tolist() == approx([100, 125, 150])


def test_the_equal_weight_benchmark_takes_the_dead_with_their_terminal_value():
    market = worlds.market(
        {"AAA": worlds.bars([10, 10]), "BBB": worlds.bars([10, 10, 10, 10])},
        listed_to={"AAA": date(2024, 1, 4)},
        terminal={"AAA": 5.0},
    )

    result = backtest(Never(), market, cash=100.0)

    # On row 2 AAA pays half: the mean of -50 % and 0 is -25 %; afterwards BBB alone.
    assert result.equity["benchmark"].tolist() == approx([100, 100, 75, 75])


def test_a_strategy_that_decides_outside_the_market_is_refused():
    @dataclass(frozen=True)
    class Wild:
        def plan(self, market, events, eligible):
            return Entries((Entry(99, "AAA", "", Exits()),))

    with pytest.raises(BadParameter, match="rows 0 to 1"):
        backtest(Wild(), worlds.market({"AAA": worlds.bars([10, 11])}))


def test_results_are_stated_on_the_sessions_of_new_york():
    market = worlds.market(
        {
            "AAA": worlds.bars([10, 11, 12], start="2024-07-02"),
            "LYC.AX": worlds.bars([5, 5, 5, 5], start="2024-07-02", calendar="XASX"),
        },
        exchange={"LYC.AX": "XASX"},
    )

    result = backtest(Chase(), market)

    # Sydney trades on 4 July, New York does not.
    assert result.equity.index.strftime("%m-%d").tolist() == ["07-02", "07-03", "07-05"]
    assert len(market.sessions) == 4


def test_a_result_carries_the_survivorship_statement_of_its_market():
    frames = {"AAA": worlds.bars([10, 11, 12, 12]), "DEAD": worlds.bars([5, 4, None, None])}
    market = worlds.market(frames, listed_to={"DEAD": date(2024, 1, 4)})

    said = data_statement(market)["survivorship"]

    assert said == survivorship(market).as_dict()
    assert (said["members"], said["dead"], said["dead_with_prices"]) == (2, 1, 1)


def two_currencies(rates, into="USD"):
    """A name in New York and one in Sydney, in one currency; rates of the Australian dollar from 1 January on."""
    listings = [worlds.listing("AAA"), worlds.listing("LYC.AX", "XASX", currency="AUD")]
    days = pd.bdate_range("2024-01-01", periods=len(rates)).astype("datetime64[ns]")
    frames = {
        "AAA": worlds.bars([10, 11, 12, 12]),
        "LYC.AX": worlds.bars([4, 4, 5, 5], calendar="XASX"),
    }
    quotes = Quotes(frames, "real", {}, rates={"AUD": pd.DataFrame({"close": rates}, index=days)})
    request = Request(worlds.world_universe(listings), tuple(listings), None, None, currency=into)
    return _assemble(request, quotes, "test")


def test_a_book_of_two_currencies_is_kept_in_the_one_they_were_read_in():
    market = two_currencies([0.50, 0.60, 0.60, 0.75])

    result = backtest(Always("LYC.AX"), market, costs=FREE, cash=100, slots=1)

    # Decided on 2 January; 100 buy 100 / (4 × 0.60) shares on the 3rd; on the 5th they are worth 5 × 0.75 each.
    assert result.settings["currency"] == "USD"
    assert result.equity["net"].tolist() == approx([100, 100, 125, 156.25])


def test_a_rate_that_never_moves_changes_no_return():
    half, par = two_currencies([0.5] * 4), two_currencies([1.0] * 4)

    one, other = (
        backtest(Always("LYC.AX"), market, slots=1, costs=Costs(slippage_bps=25), limits=NO_LIMIT)
        for market in (half, par)
    )

    assert one.equity["net"].tolist() == approx(other.equity["net"].tolist(), rel=1e-12)


def test_no_rate_of_a_day_or_later_changes_what_the_book_was_worth_on_it():
    rates = [0.50, 0.60, 0.60, 0.75]
    told = backtest(Always("LYC.AX"), two_currencies(rates), slots=1).equity["net"]

    for day in range(1, 4):
        other = [*rates[:day], *(rate * 1.3 for rate in rates[day:])]
        moved = backtest(Always("LYC.AX"), two_currencies(other), slots=1).equity["net"]
        # Row 0 is 2 January, whose own rate is rates[1].
        assert moved.iloc[:day].tolist() == told.iloc[:day].tolist()
