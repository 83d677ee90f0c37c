"""Series of any source through the same gates: what a vendor sent, without files, lines or folders."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from price_files import days, listing, read, write
from price_tables import table, vet

from universes.assemble import adjusted
from universes.price_file import Opened
from universes.price_series import from_table

DAYS = days(10)
SOUND = [20.0 + 0.1 * step for step in range(10)]
NAME = "yahoo MP of 2026-01-05"


def sent(symbol: str = "MP", **columns):
    return from_table(symbol, NAME, table(SOUND, **columns))


def nulled(column: str, *rows: int):
    """The sound closes with NaN in one column."""
    frame = table(SOUND)
    frame.iloc[list(rows), frame.columns.get_loc(column)] = np.nan
    return frame


def said(quotes):
    return [(item.severity, item.gate, item.on) for item in quotes.findings]


def test_a_sound_series_comes_out_as_it_was_sent():
    quotes = vet({"MP": sent()}, listing("MP"))

    assert (quotes.kind, quotes.findings, quotes.missing) == ("real", (), ())
    assert quotes.bars["MP"]["close"].tolist() == SOUND
    assert sorted(quotes.bars["MP"].columns) == sorted(
        ["open", "high", "low", "close", "volume", "dividend", "split"]
    )


def test_a_bar_without_a_line_is_placed_by_its_name_and_date():
    quotes = vet({"MP": from_table("MP", NAME, table([2.0, 2.1, 6.53, 6.6]))}, listing("MP"))

    assert said(quotes) == [("flagged", "large-move", DAYS[2])]
    assert quotes.findings[0].message.startswith(
        f"{NAME}, {DAYS[2]}: close 6.53 after 2.1 on {DAYS[1]}, +211%"
    )


def test_the_same_bars_from_a_file_and_from_a_vendor_are_judged_alike(tmp_path):
    closes = [2.0, 2.1, 6.53, 6.6, 700.0, 7.0, 7.1, 0.0, 7.1, 7.2]
    frame = table(closes)
    lines = [
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        *(
            f"{day:%Y-%m-%d},{row.open:.17g},{row.high:.17g},{row.low:.17g},{row.close:.17g},{row.volume:.17g},0,1"
            for day, row in frame.iterrows()
        ),
    ]
    folder = write(tmp_path / "prices", {"MP.csv": lines, "OK.csv": lines[:4]})

    filed = read(folder, listing("MP"), listing("OK"))
    vended = vet({"MP": from_table("MP", NAME, frame)}, listing("MP"))

    assert said(filed)[: len(said(vended))] == said(vended)
    assert {gate for _, gate, _ in said(vended)} == {"non-positive-price", "hundredfold-jump", "large-move"}


def test_no_series_at_all_is_no_error_here_and_names_the_reason():
    quotes = vet({}, listing("MP"), listing("LYC.AX"))

    assert (dict(quotes.bars), dict(quotes.terminal)) == ({}, {})
    assert [(item.symbol, item.reason) for item in quotes.missing] == [
        ("LYC.AX", "no snapshot"),
        ("MP", "no snapshot"),
    ]


def test_the_order_of_listings_changes_nothing():
    opened = {"MP": sent(), "NA": sent("NA")}

    one, other = vet(opened, listing("MP"), listing("NA")), vet(opened, listing("NA"), listing("MP"))

    assert list(one.bars) == list(other.bars) == ["MP", "NA"]
    assert one.findings == other.findings


# What vendors leave out.


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_bars_that_lack_a_price_or_a_volume_are_left_out_and_counted(column):
    quotes = vet({"MP": from_table("MP", NAME, nulled(column, 3, 6))}, listing("MP"))

    assert [f"{day:%Y-%m-%d}" for day in quotes.bars["MP"].index] == [
        day for at, day in enumerate(DAYS) if at not in {3, 6}
    ]
    assert quotes.bars["MP"].notna().all(axis=None)
    found = quotes.findings[0]
    assert (found.gate, found.severity, found.on) == ("null-bar", "flagged", DAYS[3])
    assert f"{NAME}, {DAYS[3]}: 2 bars without all prices and a volume, 2 of them with some" in found.message


def test_a_null_bar_with_a_dividend_says_so():
    frame = nulled("close", 3)
    frame.iloc[3, frame.columns.get_loc("dividend")] = 0.2

    assert "1 with a dividend or split" in from_table("MP", NAME, frame).findings[0].message


def test_nothing_but_nulls_is_missing_with_the_reason():
    quotes = vet({"MP": from_table("MP", NAME, nulled("close", *range(10)))}, listing("MP"))

    assert quotes.missing[0].reason == (
        f"empty-file: {NAME}: none of 10 bars has all its prices and a volume; fetch it again"
    )


def test_actions_that_were_not_sent_are_none_and_half_an_adjusted_close_is_not_used():
    frame = table(SOUND, adjusted_close=[*SOUND[:9], np.nan], dividend=np.nan, split=np.nan)

    opened = from_table("MP", NAME, frame)
    bars = vet({"MP": opened}, listing("MP")).bars["MP"]

    assert "adjusted_close" not in opened.file.bars
    assert (set(bars["dividend"]), set(bars["split"])) == ({0.0}, {1.0})
    assert "adjusted_close" not in bars


@pytest.mark.parametrize(
    ("fetched_at", "bars"),
    [
        # New York closes at 21:00 UTC in January, and has settled twenty minutes later.
        (datetime(2024, 1, 16, 15, 3, tzinfo=UTC), 9),
        (datetime(2024, 1, 16, 21, 19, 59, tzinfo=UTC), 9),
        (datetime(2024, 1, 16, 21, 20, tzinfo=UTC), 10),
        (None, 10),
    ],
)
def test_a_bar_of_a_session_that_had_not_closed_when_it_was_fetched_is_left_out(fetched_at, bars):
    opened = from_table("MP", NAME, table(SOUND), fetched_at=fetched_at)

    quotes = vet({"MP": opened}, listing("MP"))

    assert DAYS[9] == "2024-01-16"
    assert len(quotes.bars["MP"]) == bars
    assert said(quotes) == ([] if bars == 10 else [("flagged", "unfinished-bar", DAYS[9])])


# What a listing says.


def test_a_vendor_s_label_of_another_currency_refuses_and_pence_are_restated():
    pence = from_table("BCN.L", NAME, table(SOUND, days(10, calendar="XLON")), currency="GBp")
    foreign = from_table("MP", NAME, table(SOUND), currency="CAD")
    london = listing("BCN.L", exchange="XLON", currency="GBP")

    quotes = vet({"BCN.L": pence, "MP": foreign}, london, listing("MP"))

    assert quotes.bars["BCN.L"]["close"].tolist() == pytest.approx(
        [value / 100 for value in SOUND], rel=1e-15
    )
    assert [(item.symbol, item.gate, item.severity) for item in quotes.findings] == [
        ("BCN.L", "basis", "flagged"),
        ("MP", "currency", "refused"),
    ]


@pytest.mark.parametrize(
    ("listed_from", "start", "found"),
    [
        (date(2023, 12, 4), None, []),
        (date(2023, 12, 3), None, ["late-start"]),
        (date(2010, 1, 1), date(2023, 12, 20), []),
        (date(2010, 1, 1), date(2023, 11, 1), ["late-start"]),
        (None, date(2020, 1, 1), []),
    ],
)
def test_a_first_bar_more_than_thirty_days_late_is_flagged(listed_from, start, found):
    # The first bar is of 2024-01-02: 29 days after 2023-12-04, 30 after 2023-12-03.
    opened = from_table("MP", NAME, table(SOUND, days(10, "2024-01-03")))

    quotes = vet_from(opened, listing("MP", listed_from=listed_from), start)

    assert [item.gate for item in quotes.findings] == found


def test_a_company_with_a_listing_of_unknown_beginning_is_never_late():
    import worlds

    from universes.quotes import Request
    from universes.vetting import vetted

    first = listing("MP", "mp", listed_to=date(2015, 1, 1))
    second = listing("MP", "mp", listed_from=date(2016, 1, 1))
    request = Request(worlds.world_universe([first, second]), (second,), None, None)

    assert vetted(lambda _: sent(), request).findings == ()


def test_weekly_bars_are_refused():
    weekly = from_table("MP", NAME, table(SOUND, days(50)[::5]))

    assert vet({"MP": weekly}, listing("MP")).missing[0].reason.startswith("not-daily: ")


def vet_from(opened, row, start):
    import worlds

    from universes.quotes import Request
    from universes.vetting import vetted

    return vetted(lambda _: opened, Request(worlds.world_universe([row]), (row,), start, None))


def test_a_successor_is_asked_of_the_same_source():
    gone = listing(
        "GONE", listed_to=date.fromisoformat(DAYS[4]), ended_by="acquired", terminal_kind="ratio",
        terminal_value=0.5, successor="MP",
    )  # fmt: skip
    opened = {"GONE": from_table("GONE", NAME, table([5.0] * 4)), "OK": sent("OK"), "MP": sent()}

    assert vet(opened, gone, listing("OK")).terminal == {"GONE": 0.5 * SOUND[4]}


def test_what_an_opener_refused_is_missing_and_listed():
    from universes.panel import Finding

    broken = Opened.refused(
        Finding("refused", "MP", "", "unreadable", "the snapshot is damaged: fetch it again")
    )

    quotes = vet({"MP": broken, "OK": sent("OK")}, listing("MP"), listing("OK"))

    assert quotes.missing[0].reason == "unreadable: the snapshot is damaged: fetch it again"
    assert said(quotes) == [("refused", "unreadable", "")]


# Figures that were compared with closes printed in Sydney in 2024.


@pytest.mark.parametrize(
    ("symbol", "close_before", "dividend", "factor"),
    [
        ("BHP.AX", 44.35, 1.096196, 0.975283),
        ("RIO.AX", 123.64, 3.9278, 0.968232),
        ("FMG.AX", 27.52, 1.08, 0.960756),
    ],
)
def test_dividends_adjust_as_the_vendor_s_own_figures_do(symbol, close_before, dividend, factor):
    closes = [close_before * 1.01, close_before, close_before * 0.99, close_before * 0.98]
    frame = table(closes, days(4, "2024-03-04", "XASX"), dividend=[0, 0, dividend, 0])
    exact = 1 - dividend / close_before
    frame = frame.assign(adjusted_close=[closes[0] * exact, closes[1] * exact, closes[2], closes[3]])
    row = listing(symbol, exchange="XASX", currency="AUD")

    quotes = vet({symbol: from_table(symbol, NAME, frame, currency="AUD")}, row)
    total_return = adjusted(quotes.bars[symbol])

    # Their own adjusted close agrees to five basis points: no finding.
    assert quotes.findings == ()
    assert (total_return["close"] / closes).tolist() == pytest.approx([factor, factor, 1, 1], abs=5e-7)
