"""Files as vendors write them: known by their header, and brought to one basis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from price_files import days, listing, read, write
from price_tables import raw_file

from universes.errors import BadData
from universes.gates import GATES
from universes.price_dialects import DIALECTS, PLAIN, UnknownDialect, recognise
from universes.price_series import on_our_basis

DAYS = days(4)
TIINGO = "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor"
NORGATE = "Date,Open,High,Low,Close,Volume,Turnover,Unadjusted Close,Dividend"
STOOQ = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits"
# Raw closes 100, 104, 26 after a split of four for one, 27. A dividend of 2 a share on bar 1, so 0.5 a new one.
# Total return before bar 1: 1 - 2 / 100 = 0.98 of a quarter.
CLOSES, SPLITS, DIVIDENDS = [100, 104, 26, 27], [1, 1, 4, 1], [0, 2, 0, 0]
ADJUSTED = [24.5, 26, 26, 27]


def tiingo(day: str = "{}T00:00:00.000Z") -> list[str]:
    rows = zip(DAYS, CLOSES, ADJUSTED, DIVIDENDS, SPLITS, strict=True)
    return [
        TIINGO,
        *(
            f"{day.format(on)},{close},{close},{close},{close},400,{adjusted},1,1,1,400,{paid},{split}"
            for on, close, adjusted, paid, split in rows
        ),
    ]


def stooq(ticker: str = "MP.US", period: str = "D") -> list[str]:
    return [
        STOOQ,
        *(
            f"{ticker},{period},{on.replace('-', '')},000000,5,5.1,4.9,{close},1000.5,0"
            for on, close in zip(DAYS, [5, 5.05, 5, 4.95], strict=True)
        ),
    ]


def norgate(closes: list[float], unadjusted: list[float]) -> list[str]:
    rows = zip(DAYS, closes, unadjusted, strict=True)
    return [NORGATE, *(f"{on},{c},{c},{c},{c},1000,99,{u},0" for on, c, u in rows)]


def judged(tmp_path, lines, settings: str = "", **fields):
    files = {"MP.csv": lines, "OK.csv": SOUND}
    if settings:
        files["prices.toml"] = [settings]
    return read(write(tmp_path / "prices", files), listing("MP", **fields), listing("OK", **fields))


SOUND = ["Date,Open,High,Low,Close,Volume", *(f"{on},5,5.1,4.9,5,7" for on in DAYS)]


@pytest.mark.parametrize(
    ("header", "name", "basis"),
    [
        ("Date,Open,High,Low,Close,Volume", "plain", "split-adjusted"),
        ("Date,Open,High,Low,Close,Adj Close,Volume", "plain", "split-adjusted"),
        (YAHOO, "yahoo", "split-adjusted"),
        (TIINGO, "tiingo", "raw"),
        (f"ticker,{TIINGO}", "tiingo", "raw"),
    ],
)
def test_a_header_tells_whose_it_is_and_how_prices_are_stated(header, name, basis):
    dialect, _ = recognise(header.split(","))

    assert (dialect.name, dialect.basis) == (name, basis)


@pytest.mark.parametrize(("header", "name"), [(NORGATE, "norgate"), (STOOQ, "stooq")])
@pytest.mark.parametrize("basis", ["raw", "split-adjusted", "total-return"])
def test_a_header_that_cannot_say_its_basis_takes_the_declared_one(header, name, basis):
    dialect, _ = recognise(header.split(","), basis)

    assert (dialect.name, dialect.basis) == (name, basis)
    with pytest.raises(
        UnknownDialect, match=rf"header of {name} does not say .* write basis = 'raw' or "
    ) as error:
        recognise(header.split(","))
    assert error.value.gate == "unknown-basis"


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (f"{TIINGO},Dividends", "'Dividends' of yahoo and 'adjHigh' of tiingo"),
        (f"{NORGATE},splitFactor", "'splitFactor' of tiingo and 'Unadjusted Close' of norgate"),
        (f"{STOOQ},Stock Splits", "'Stock Splits' of yahoo and '<CLOSE>' of stooq"),
    ],
)
def test_a_header_that_fits_two_dialects_is_refused_with_both_names(header, named):
    with pytest.raises(UnknownDialect) as error:
        recognise(header.split(","), "raw")

    assert error.value.gate == "two-dialects"
    assert error.value.message == (
        f"columns {named} in one header: keep the columns of one, or write Date,Open,High,Low,Close,Volume"
    )


def test_a_header_that_fits_no_dialect_is_refused_with_what_it_must_hold():
    with pytest.raises(
        UnknownDialect, match="column Date is missing; the header must hold Date,Open"
    ) as error:
        recognise(["when", "first", "top", "bottom", "last", "shares"])
    with pytest.raises(UnknownDialect, match="column <VOL> is missing; the header must hold <TICKER>,<PER>"):
        recognise(STOOQ.replace("<VOL>", "x").split(","), "raw")

    assert error.value.gate == "missing-column"


def test_a_declaration_against_the_header_is_refused():
    with pytest.raises(UnknownDialect, match="says total-return, and a header of tiingo says raw"):
        recognise(TIINGO.split(","), "total-return")
    with pytest.raises(UnknownDialect, match="says raw, and a header of yahoo says split-adjusted"):
        recognise(YAHOO.split(","), "raw")
    assert recognise(TIINGO.split(","), "raw")[0].basis == "raw"


@pytest.mark.parametrize("basis", ["raw", "split-adjusted", "total-return"])
def test_yahoo_s_columns_without_an_adjusted_close_leave_the_basis_to_the_user(basis):
    header = ["Date", "Open", "High", "Low", "Close", "Volume", "Dividends", "Stock Splits"]

    assert recognise(header)[0].basis == "split-adjusted"
    assert recognise(header, basis)[0].basis == basis


def test_no_two_dialects_share_a_mark_and_each_knows_the_columns_that_are_needed():
    marks = [mark for dialect in DIALECTS for mark in dialect.marks]

    assert len(marks) == len(set(marks))
    for dialect in (PLAIN, *DIALECTS):
        assert {"date", "open", "high", "low", "close", "volume"} <= set(dialect.columns.values())


# The bars that come out.


@pytest.mark.parametrize("day", ["{}T00:00:00.000Z", "{}", "{}T00:00:00+00:00"])
def test_raw_prices_and_dividends_are_divided_by_the_splits_that_follow(tmp_path, day):
    quotes = judged(tmp_path, tiingo(day))

    bars = quotes.bars["MP"]
    assert list(bars["close"]) == [25, 26, 26, 27]
    assert list(bars["open"]) == [25, 26, 26, 27]
    assert list(bars["volume"]) == [1600, 1600, 400, 400]
    assert list(bars["dividend"]) == [0, 0.5, 0, 0]
    assert list(bars["split"]) == [1, 1, 4, 1]
    # Adj Close agrees with dividends of that basis, or there would be a finding of it.
    assert [item.gate for item in quotes.findings if item.symbol == "MP"] == ["flat-last-bar", "basis"][::-1]
    assert "read as tiingo, prices raw, 1 split taken out of what came before" in quotes.findings[0].message


def test_tiingo_s_instants_are_midnights_and_no_others(tmp_path):
    quotes = judged(tmp_path, tiingo("{}T05:00:00.000Z"))

    assert quotes.findings[0].gate == "bad-date"


def test_raw_prices_of_the_plain_header_are_brought_to_the_basis_once_they_are_declared(tmp_path):
    lines = [
        "Date,Open,High,Low,Close,Volume",
        *(f"{on},{close},{close},{close},{close},4" for on, close in zip(DAYS, CLOSES, strict=True)),
    ]

    declared, silent = judged(tmp_path, lines, 'basis = "raw"'), judged(tmp_path, lines)

    # Without splits nothing can be taken out: it is said, and the fall to a quarter is flagged as before.
    assert list(declared.bars["MP"]["close"]) == list(silent.bars["MP"]["close"]) == CLOSES
    assert "read as plain, prices raw, no split given" in declared.findings[0].message
    assert "unadjusted-split" in {item.gate for item in declared.findings}


def test_dividends_of_a_total_return_are_not_counted_again(tmp_path):
    lines = ["Date,Open,High,Low,Close,Adj Close,Volume", *(f"{on},5,5.1,4.9,5,4,7" for on in DAYS)]

    bars = judged(tmp_path, lines, 'basis = "total-return"').bars["MP"]

    assert "adjusted_close" not in bars
    assert list(bars["dividend"]) == [0, 0, 0, 0]


def test_stooq_s_bulk_rows_are_read_with_a_declared_basis(tmp_path):
    quotes = judged(tmp_path, stooq(), 'basis = "split-adjusted"')

    assert list(quotes.bars["MP"]["close"]) == [5, 5.05, 5, 4.95]
    assert list(quotes.bars["MP"]["volume"]) == [1000.5] * 4
    assert [(item.gate, item.on) for item in quotes.findings if item.symbol == "MP"] == [("basis", DAYS[0])]


@pytest.mark.parametrize(
    ("lines", "gate", "said"),
    [
        (stooq(period="W"), "not-daily", "MP.csv:2: <PER> is 'W', not 'D': write D for daily bars"),
        (
            [*stooq(), "AA.US,D,20240108,000000,5,5,5,5,1,0"],
            "several-symbols",
            "MP.csv:6: <TICKER> is 'AA.US', not 'MP.US': write one a file",
        ),
    ],
)
def test_weekly_bars_and_files_of_several_symbols_are_refused(tmp_path, lines, gate, said):
    found = judged(tmp_path, lines, 'basis = "raw"').findings[0]

    assert (found.severity, found.gate, found.message) == ("refused", gate, said)


def test_norgate_s_unadjusted_close_gives_the_splits(tmp_path):
    # Closes on today's shares; printed at four times that until the split on bar 2.
    quotes = judged(tmp_path, norgate([25, 26, 26, 27], [100, 104, 26, 27]), 'basis = "split-adjusted"')

    assert list(quotes.bars["MP"]["split"]) == [1, 1, 4, 1]
    assert list(quotes.bars["MP"]["close"]) == [25, 26, 26, 27]
    assert "1 splits read from Unadjusted Close" in quotes.findings[0].message


@given(
    st.lists(st.sampled_from([1.0, 1.0, 2.0, 4.0, 0.1, 1.5]), min_size=4, max_size=4),
    st.lists(st.floats(1, 100), min_size=4, max_size=4),
)
def test_raw_prices_come_out_as_the_vendor_would_state_them_today(splits, closes):

    file, _ = on_our_basis(raw_file(DAYS, closes, splits))

    # One bar at a time, by hand: every split after a bar divides its price.
    for at, close in enumerate(closes):
        later = 1.0
        for split in splits[at + 1 :]:
            later *= split
        assert file.values("close")[at] == pytest.approx(close / later, rel=1e-12)
        assert file.values("volume")[at] == pytest.approx(1000 * later, rel=1e-12)


def test_a_download_with_dividends_in_its_prices_is_refused_until_it_is_declared(tmp_path):
    # As yfinance writes it with auto_adjust on: a dividend of 0.40 on bar 6 in the closes before it.
    on, printed = days(12), [20.15, 20.25, 20.4, 20.35, 20.5, 20.6, 20.2, 20.25, 20.3, 20.1, 20.05, 20.15]
    closes = [close * (1 - 0.4 / 20.6) if at < 6 else close for at, close in enumerate(printed)]
    lines = [
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        *(
            f"{day},{close:.6f},{close * 1.01:.6f},{close * 0.99:.6f},{close:.6f},9,{0.4 if at == 6 else 0},0"
            for at, (day, close) in enumerate(zip(on, closes, strict=True))
        ),
    ]

    silent = judged(tmp_path, lines)
    declared = judged(tmp_path, lines, 'basis = "total-return"')

    assert silent.missing[0].reason.startswith("dividends-twice: MP.csv:2: ")
    assert declared.bars["MP"]["dividend"].sum() == 0
    assert declared.bars["MP"]["close"].tolist() == pytest.approx(closes, abs=1e-6)


CELLS = st.sampled_from(
    ["2024-01-02", "20240102", "20.1", "0", "-1", "", "nan", "1e308", "1e-320", "D", "x", "4"]
)


@given(
    st.sampled_from([TIINGO, NORGATE, STOOQ, YAHOO]),
    st.lists(st.lists(CELLS, min_size=13, max_size=13), min_size=1, max_size=5),
    st.sampled_from(["", 'basis = "raw"', 'basis = "total-return"', 'currency = "GBp"']),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_of_any_dialect_holds_nothing_but_our_own_error_comes_out(
    tmp_path, header, rows, said
):
    width = header.count(",") + 1
    lines = [header, *(",".join(row[:width]) for row in rows)]
    folder = write(tmp_path / "prices", {"MP.csv": lines, "OK.csv": SOUND, "prices.toml": [said]})
    every = [name for name, severity in GATES.items() if severity == "refused"]

    for accept in ([], every):
        quotes = read(folder, listing("MP", currency="GBP"), listing("OK", currency="GBP"), accept=accept)
        assert "OK" in quotes.bars
        assert all(bars.notna().all(axis=None) for bars in quotes.bars.values())


# prices.toml.


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('basis = "adjusted"', "basis: 'adjusted' is no basis; did you mean 'split-adjusted'"),
        ("basis = 3", "basis: 3 is no basis; known: raw, split-adjusted, total-return"),
        ('currency = "dollars"', "currency: 'dollars' is no currency: write a code"),
        ('bases = "raw"', "bases: no such setting; did you mean 'basis'"),
        ("basis = ", "not TOML"),
    ],
)
def test_a_fault_of_the_settings_is_named_with_its_mend(tmp_path, settings, said):
    with pytest.raises(BadData, match=r"prices\.toml") as error:
        judged(tmp_path, SOUND, settings)

    assert said in str(error.value)


def test_prices_in_another_currency_than_the_listing_are_refused_unless_accepted(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND, "prices.toml": ['currency = "CAD"']})

    with pytest.raises(
        BadData, match="currency: MP.csv:2: prices are in CAD, the listing is in USD; give prices"
    ):
        read(folder, listing("MP"))
    assert read(folder, listing("MP"), accept=["currency"]).findings[0].severity == "flagged"


def test_pence_are_divided_by_a_hundred_and_said(tmp_path):
    quotes = judged(tmp_path, SOUND, 'currency = "GBp"', currency="GBP")

    assert list(quotes.bars["MP"]["close"]) == [0.05] * 4
    assert "divided by 100 from GBp to GBP" in quotes.findings[0].message


def test_settings_that_say_what_is_so_already_change_nothing(tmp_path):
    said = judged(tmp_path, SOUND, 'basis = "split-adjusted"\ncurrency = "USD"')

    assert said.findings == ()
    assert said.bars["MP"].equals(read(tmp_path / "prices", listing("MP")).bars["MP"])
