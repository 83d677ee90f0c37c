"""A folder of price files as a source: which file is whose, whose bars are whose, and what holders were paid."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from price_files import HEADER, bar, days, listing, read, text, write
from worlds import world_universe

from universes.errors import BadData, BadParameter, LodestoneError, UnknownName
from universes.quotes import Request
from universes.sources.csv import SOURCE

DAYS = days(10)
SOUND = text([f"{20.0 + 0.1 * step:.2f}" for step in range(10)])


def dates(quotes, symbol):
    return [f"{day:%Y-%m-%d}" for day in quotes.bars[symbol].index]


def gates(quotes):
    return [item.gate for item in quotes.findings]


# Files.


@pytest.mark.parametrize("symbol", ["NA", "NO", "ON", "TRUE", "NULL", "LYC.AX", "BRK-B", "^GSPC", "0700.HK"])
def test_symbols_that_look_like_something_else_stay_symbols(tmp_path, symbol):
    folder = write(tmp_path / "prices", {f"{symbol}.csv": SOUND})

    assert list(read(folder, listing(symbol)).bars) == [symbol]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_byte_order_mark_line_ending_and_quotes_change_nothing(tmp_path, ending, mark, quote):
    lines = [",".join(f"{quote}{cell}{quote}" for cell in line.split(",")) for line in SOUND]
    folder = write(tmp_path / "odd", {"NA.csv": mark + ending.join(lines).encode()})
    plain = write(tmp_path / "plain", {"NA.csv": SOUND})

    assert read(folder, listing("NA")).bars["NA"].equals(read(plain, listing("NA")).bars["NA"])


@pytest.mark.parametrize(
    "header", ["DATE,open, High ,low,CLOSE,AdjClose,Volume", "Date,Open,High,Low,Close,adj close,volume"]
)
def test_names_of_columns_may_be_in_any_case_and_spacing(tmp_path, header):
    lines = [header, *(f"{day},20,20.1,19.9,20,19,7" for day in DAYS)]
    folder = write(tmp_path / "prices", {"NA.csv": lines})

    assert list(read(folder, listing("NA")).bars["NA"]["adjusted_close"]) == [19.0] * 10


def test_blank_lines_and_columns_in_another_order_do_no_harm(tmp_path):
    lines = [
        "Volume,Close,Low,High,Open,Date",
        "7,20,19,21,20.5,2024-01-02",
        "",
        " , , , , , ",
        "8,20,19,21,20,x",
    ]
    folder = write(tmp_path / "prices", {"NA.csv": lines, "OK.csv": SOUND})

    found = read(folder, listing("NA"), listing("OK")).findings[0]

    assert found.message == "NA.csv:5: Date 'x' is not a date: write YYYY-MM-DD, and no time of day"


def test_file_names_are_matched_in_any_case(tmp_path):
    folder = write(tmp_path / "prices", {"mp.csv": SOUND, "Lyc.ax.CSV": SOUND})

    assert list(read(folder, listing("MP"), listing("LYC.AX")).bars) == ["LYC.AX", "MP"]


def test_two_files_of_one_symbol_are_refused(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND, "mp.csv": SOUND})
    if len(list(folder.iterdir())) < 2:
        pytest.skip("this file system does not tell MP.csv from mp.csv")

    with pytest.raises(BadData, match=r"MP\.csv and mp\.csv are one symbol: remove one"):
        read(folder, listing("MP"))


def test_a_symbol_without_a_file_is_missing_and_the_others_go_on(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})

    quotes = read(folder, listing("MP"), listing("LYC.AX"))

    assert [(item.symbol, item.reason) for item in quotes.missing] == [
        ("LYC.AX", f"no file LYC.AX.csv in {folder}")
    ]
    assert list(quotes.bars) == ["MP"]


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})
    (folder / "NA.csv").mkdir()

    assert read(folder, listing("MP"), listing("NA")).findings[0].gate == "unreadable"


def test_a_folder_that_is_not_there_suggests_its_neighbour(tmp_path):
    write(tmp_path / "prices", {"MP.csv": SOUND})

    with pytest.raises(BadData, match="there is no such folder; did you mean 'prices'"):
        read(tmp_path / "prises", listing("MP"))


def test_a_file_in_place_of_a_folder_is_said(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})

    with pytest.raises(BadData, match="is a file: name the folder"):
        read(folder / "MP.csv", listing("MP"))


def test_a_folder_without_a_usable_file_is_one_line_with_the_first_reason(tmp_path):
    folder = write(tmp_path / "prices", {"XX.csv": SOUND})

    with pytest.raises(
        BadData, match=r"no usable file for any of 2 symbols, as LYC\.AX: no file LYC\.AX\.csv in"
    ):
        read(folder, listing("MP"), listing("LYC.AX"))


def test_no_folder_at_all_says_how_to_write_it():
    request = Request(world_universe([listing("MP")]), (listing("MP"),), None, None)

    with pytest.raises(BadParameter, match="write csv:FOLDER"):
        SOURCE(request)


def test_a_gate_that_does_not_exist_cannot_be_accepted(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})

    with pytest.raises(UnknownName, match="no data gate named 'bad-ordre'; did you mean 'bad-order'"):
        read(folder, listing("MP"), accept=["bad-ordre"])


# Lives.


def test_bars_outside_the_listing_are_left_out_and_counted(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})
    life = listing("MP", listed_from=date.fromisoformat(DAYS[2]), listed_to=date.fromisoformat(DAYS[7]))

    quotes = read(folder, life)

    assert dates(quotes, "MP") == DAYS[2:7]
    assert gates(quotes) == ["outside-listing"]
    # Two before, three from the first day without trading on.
    assert quotes.findings[0].message.startswith("MP.csv:2: 5 bars outside the listing of mp; ")


def test_start_and_end_are_both_included_and_cut_without_a_word(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND})

    quotes = read(folder, listing("MP"), start=DAYS[3], end=DAYS[5])

    assert (dates(quotes, "MP"), quotes.findings) == (DAYS[3:6], ())


def test_faults_before_the_start_do_not_refuse_a_symbol(tmp_path):
    lines = [*SOUND[:2], bar(DAYS[1], "-1"), *SOUND[3:]]
    folder = write(tmp_path / "prices", {"MP.csv": lines})

    assert read(folder, listing("MP"), start=DAYS[3]).findings == ()


def test_a_symbol_without_a_bar_in_the_range_is_missing_with_what_there_is(tmp_path):
    folder = write(tmp_path / "prices", {"MP.csv": SOUND, "OK.csv": text(["5", "6"], "2025-01-02")})

    quotes = read(folder, listing("MP"), listing("OK"), start="2025-01-01")

    assert quotes.missing[0].reason == (
        f"MP.csv has no bar of its listing from 2025-01-01 to the last; it holds {DAYS[0]} to {DAYS[9]}"
    )


def test_bars_of_a_shell_are_cut_only_where_the_facts_say_so(tmp_path):
    lines = text([10.0] * 30)
    folder = write(
        tmp_path / "prices",
        {"MP.csv": [HEADER, *(f"{row.split(',')[0]},10,10.01,9.99,10,5" for row in lines[1:])]},
    )
    until = date.fromisoformat(days(30)[24])

    told = read(folder, listing("MP", spac_until=until))
    untold = read(folder, listing("MP"))

    assert dates(told, "MP") == days(30)[25:]
    assert (gates(told), told.findings[0].on) == (["shell"], DAYS[0])
    assert (gates(untold), len(untold.bars["MP"])) == (["flat-shell"], 30)


def test_of_two_companies_with_one_symbol_the_last_with_bars_in_the_range_is_returned(tmp_path):
    folder = write(tmp_path / "prices", {"ALM.csv": SOUND})
    first = listing("ALM", "old", listed_to=date.fromisoformat(DAYS[4]))
    second = listing("ALM", "new", listed_from=date.fromisoformat(DAYS[6]))

    both = read(folder, first, second)
    early = read(folder, first, second, end=DAYS[5])

    assert dates(both, "ALM") == DAYS[6:]
    assert gates(both) == ["earlier-company", "outside-listing"]
    assert f"4 bars to {DAYS[3]} are of old" in both.findings[0].message
    assert dates(early, "ALM") == DAYS[:4]


def test_splits_after_the_last_bar_used_are_taken_out_of_its_prices(tmp_path):
    # As a vendor states them after a two-for-one split on bar 8: earlier prices halved, volume doubled.
    rows = [
        f"{day},10,10.1,9.9,10,200,{2 if at == 8 else 0},{0.5 if at == 2 else 0}"
        for at, day in enumerate(DAYS)
    ]
    folder = write(tmp_path / "prices", {"MP.csv": [f"{HEADER},Stock Splits,Dividends", *rows]})

    quotes = read(folder, listing("MP"), end=DAYS[5])

    bars = quotes.bars["MP"]
    assert set(bars["close"]) == {20.0}
    assert set(bars["volume"]) == {100.0}
    assert bars["dividend"].sum() == 1.0
    assert (gates(quotes), quotes.findings[0].on) == (["later-split"], DAYS[8])


def test_dates_that_the_exchange_s_calendar_does_not_reach_refuse_the_symbol(tmp_path):
    folder = write(tmp_path / "prices", {"OK.csv": SOUND, "600111.SS.csv": text(["5", "6"], "1985-01-02")})

    quotes = read(
        folder, listing("OK"), listing("600111.SS", exchange="XSHG"), listing("XX", exchange="NOWHERE")
    )

    assert quotes.findings[0].gate == "unknown-sessions"
    assert quotes.findings[0].message.startswith("600111.SS.csv:2: ")
    assert list(quotes.bars) == ["OK"]


def test_an_unknown_exchange_refuses_the_symbol(tmp_path):
    folder = write(tmp_path / "prices", {"OK.csv": SOUND, "XX.csv": SOUND})

    assert (
        read(folder, listing("OK"), listing("XX", exchange="NOWHERE")).findings[0].gate == "unknown-sessions"
    )


def test_a_file_of_nothing_but_closed_days_is_missing(tmp_path):
    weekend = [HEADER, bar("2024-01-06", 20), bar("2024-01-07", 20)]
    folder = write(tmp_path / "prices", {"OK.csv": SOUND, "MP.csv": weekend})

    quotes = read(folder, listing("OK"), listing("MP"))

    assert quotes.missing[0].reason.startswith(
        "closed-day: MP.csv:2: 2 bars on a day the exchange was closed"
    )


# Anything at all.


def answer(folder, accept):
    """Bars and no message, or no bars and the message."""
    try:
        return read(folder, listing("NA"), accept=accept).bars["NA"], ""
    except LodestoneError as error:
        return None, str(error)


CELLS = st.sampled_from(
    ["2024-01-02", "2024-01-03", "20.1", "0", "-1", "", "nan", "1e308", "1e-320", "NA", '"', "x"]
)
LINES = st.lists(st.lists(CELLS, min_size=6, max_size=6).map(",".join), max_size=6)


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
        LINES.map(lambda lines: "\n".join([HEADER, *lines]).encode()),
    )
)
@example(b"Date,Open,High,Low,Close,Volume\n2024-01-02,1,1,1,1,1\n2024-01-03,1e308,1e308,1e-320,1e-320,1\n")
@example(b"Date,Open,High,Low,Close,Volume\n2099-12-31,1,1,1,1,1\n")
@example(b"Date,Open,High,Low,Close,Volume\n1960-01-01,1,1,1,1,1\n")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_nothing_but_our_own_error_comes_out(tmp_path, raw):
    folder = write(tmp_path / "prices", {"NA.csv": raw})
    every = [
        "non-positive-price",
        "high-below-low",
        "outside-high-low",
        "hundredfold-jump",
        "bad-order",
        "duplicate-date",
    ]

    for accept in ([], every):
        bars, message = answer(folder, accept)
        assert "\n" not in message
        assert bars is None or bars.notna().all(axis=None)
