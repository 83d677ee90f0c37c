"""Each data gate sees the one fault planted for it, names where it stands, and lets sound data pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from price_files import HEADER, bar, days, listing, read, text, write

from universes.gates import GATES

SEVERITIES = {"final", "refused", "flagged"}
DAYS = days(60)
# A walk that no gate minds: ten closes up by 10 cents.
SOUND = text([f"{20.0 + 0.1 * step:.2f}" for step in range(10)])


def replaced(row: int, line: str) -> list[str]:
    """The sound file with bar `row`, on line `row` + 2, written otherwise."""
    return [line if at == row + 1 else old for at, old in enumerate(SOUND)]


def closes(*values: float) -> list[str]:
    return text(values)


def judged(tmp_path, lines, **request):
    return read(write(tmp_path / "prices", {"NA.csv": lines}), listing("NA"), **request)


def test_a_sound_file_passes_every_gate(tmp_path):
    quotes = judged(tmp_path, SOUND)

    assert (quotes.findings, quotes.missing) == ((), ())
    assert list(quotes.bars["NA"]["close"]) == [20.0, 20.1, 20.2, 20.3, 20.4, 20.5, 20.6, 20.7, 20.8, 20.9]


REFUSED = [
    # gate, lines of the file, date of the bar, line of the file
    ("missing-column", ["Date,Open,High,Low,Close", *(row.rpartition(",")[0] for row in SOUND[1:])], "", 1),
    ("missing-column", [line.replace(",", ";") for line in SOUND], "", 1),
    ("missing-column", ["Date,Open,High,Low,Close,Close,Volume", "2024-01-02,1,1,1,1,1,1"], "", 1),
    ("two-dialects", [f"{HEADER},divCash,Dividends", f"{DAYS[0]},1,1,1,1,1,0,0"], "", 1),
    ("unknown-basis", [f"{HEADER},Unadjusted Close", f"{DAYS[0]},1,1,1,1,1,1"], "", 1),
    ("several-symbols", [f"{HEADER},splitFactor,ticker", "x,1,1,1,1,1,1,a", "y,1,1,1,1,1,1,b"], "", 3),
    ("empty-file", [HEADER], "", 0),
    ("empty-file", b"", "", 0),
    ("unreadable", b"Date,Open,High,Low,Close,Volume\n2024-01-02,\xff,1,1,1,1\n", "", 2),
    ("unreadable", replaced(3, f"{DAYS[3]},20,21,19,20"), "", 5),
    ("unreadable", replaced(3, f'{DAYS[3]},20,21,19,20,"10'), "", 5),
    ("unreadable", replaced(3, f"{DAYS[3]},20,21,19,20,1\0"), "", 5),
    ("bad-date", replaced(3, bar("2024/01/05", 20)), "", 5),
    ("bad-date", replaced(3, bar("2024-01-05 00:00:00", 20)), "", 5),
    ("bad-date", replaced(3, bar("2024-02-30", 20)), "", 5),
    ("bad-date", replaced(3, bar("20240105", 20)), "", 5),
    ("bad-date", replaced(3, bar("0024-01-05", 20)), "0024-01-05", 5),
    ("bad-number", replaced(3, f"{DAYS[3]},20,21,19,null,10"), DAYS[3], 5),
    ("bad-number", replaced(3, f"{DAYS[3]},20,21,19,nan,10"), DAYS[3], 5),
    ("bad-number", replaced(3, f"{DAYS[3]},20,1e999,19,20,10"), DAYS[3], 5),
    ("bad-number", replaced(3, f"{DAYS[3]},20,2_1,19,20,10"), DAYS[3], 5),
    ("bad-number", replaced(3, f"{DAYS[3]},20,21,19,20,"), DAYS[3], 5),
    ("duplicate-date", replaced(4, bar(DAYS[3], "20.9")), DAYS[3], 6),
    ("bad-order", [SOUND[0], *SOUND[3:], *SOUND[1:3]], DAYS[0], 10),
    ("bad-order", [*SOUND[:5], SOUND[6], SOUND[5], *SOUND[7:]], DAYS[4], 7),
    ("non-positive-price", replaced(3, f"{DAYS[3]},0,20.4,20.2,20.3,10"), DAYS[3], 5),
    ("non-positive-price", replaced(3, f"{DAYS[3]},20.3,20.4,20.2,-20.3,10"), DAYS[3], 5),
    ("high-below-low", replaced(3, f"{DAYS[3]},20.3,20.2,20.4,20.3,10"), DAYS[3], 5),
    # 20.6 is 0.98 % above the high of 20.4.
    ("outside-high-low", replaced(3, f"{DAYS[3]},20.6,20.4,20.2,20.3,10"), DAYS[3], 5),
    ("hundredfold-jump", closes(2.0, 2.1, 205.0, 206.0), DAYS[2], 4),
    ("hundredfold-jump", closes(205.0, 206.0, 2.05, 2.1), DAYS[2], 4),
    ("extreme-price", replaced(3, f"{DAYS[3]},20.3,2e7,20.2,20.3,10"), DAYS[3], 5),
    ("extreme-price", replaced(3, f"{DAYS[3]},20.3,20.4,2e-7,20.3,10"), DAYS[3], 5),
    ("negative-volume", replaced(3, bar(DAYS[3], "20.3", -1)), DAYS[3], 5),
]


@pytest.mark.parametrize(("gate", "lines", "on", "line"), REFUSED)
def test_a_planted_fault_refuses_the_symbol_and_names_its_place(tmp_path, gate, lines, on, line):
    folder = write(tmp_path / "prices", {"NA.csv": lines, "OK.csv": SOUND})

    quotes = read(folder, listing("NA"), listing("OK"))

    found = next(item for item in quotes.findings if item.gate == gate)
    assert (found.severity, found.symbol, found.on) == ("refused", "NA", on)
    assert found.message.startswith(f"NA.csv:{line}: " if line else "NA.csv: ")
    assert list(quotes.bars) == ["OK"]
    assert quotes.missing[0].symbol == "NA"
    assert f"NA.csv:{line}: " in quotes.missing[0].reason or not line


def with_actions(dividend: str = "0", split: str = "0", price: str = "20.3") -> list[str]:
    """The sound file with dividends and splits, those given on bar 3."""
    tails = [f",{dividend},{split}" if at == 3 else ",0,0" for at in range(10)]
    rows = [line + tail for line, tail in zip(SOUND[1:], tails, strict=True)]
    rows[3] = bar(DAYS[3], price, tail=tails[3])
    return [f"{HEADER},Dividends,Stock Splits", *rows]


@pytest.mark.parametrize("dividend", ["-0.1", "20.2", "25"])
def test_a_dividend_below_zero_or_not_below_the_close_before_is_refused(tmp_path, dividend):
    # The close before bar 3 is 20.20.
    folder = write(tmp_path / "prices", {"NA.csv": with_actions(dividend), "OK.csv": SOUND})

    found = read(folder, listing("NA"), listing("OK")).findings[0]

    assert (found.severity, found.gate, found.on) == ("refused", "bad-dividend", DAYS[3])
    assert found.message.startswith("NA.csv:5: ")


def test_a_dividend_below_the_close_before_passes_and_no_split_is_one(tmp_path):
    quotes = judged(tmp_path, with_actions("20.1", "0"))

    assert quotes.findings == ()
    assert list(quotes.bars["NA"]["dividend"])[3] == 20.1
    assert set(quotes.bars["NA"]["split"]) == {1.0}


@pytest.mark.parametrize("split", ["-4", "1e-300", "20000"])
def test_a_split_that_is_no_ratio_of_shares_cannot_be_read(tmp_path, split):
    folder = write(tmp_path / "prices", {"NA.csv": with_actions("0", split), "OK.csv": SOUND})

    found = read(folder, listing("NA"), listing("OK")).findings[0]

    assert (found.gate, found.on) == ("bad-number", DAYS[3])
    assert found.message.startswith(f"NA.csv:5: split {split!r} is no ratio of shares")


QUIET = [
    *SOUND[:1],
    *(bar(day, f"{20 + at / 100:.2f}", 0 if 4 <= at < 24 else 9) for at, day in enumerate(DAYS[:30])),
]
# Twenty closes at ten dollars, a cent on either side.
SHELL = [HEADER, *(f"{day},10,10.01,9.99,10,500" for day in DAYS[:20])]
FLAGGED = [
    ("extra-column", [f"{SOUND[0]},Source", *(f"{row},x" for row in SOUND[1:])], "", 1),
    ("repeated-row", [*SOUND[:5], SOUND[4], *SOUND[5:]], DAYS[3], 6),
    # New York was closed on 15 January 2024; the walk ends on the 16th.
    ("closed-day", [*SOUND[:10], bar("2024-01-15", "20.85", 0), SOUND[10]], "2024-01-15", 11),
    ("holes", [*SOUND[:4], *SOUND[6:]], DAYS[3], 4),
    ("large-move", closes(2.0, 2.1, 6.53, 6.6), DAYS[2], 4),
    ("large-move", closes(2.0, 2.1, 1.2, 1.1), DAYS[2], 4),
    ("flat-shell", SHELL, DAYS[0], 2),
    ("zero-volume", QUIET, DAYS[4], 6),
    ("unadjusted-split", closes(2.0, 2.1, 6.3, 6.4), DAYS[2], 4),
    ("unadjusted-split", closes(20.0, 20.5, 2.07, 2.1), DAYS[2], 4),
    ("flat-last-bar", [*SOUND[:10], f"{DAYS[9]},20.9,20.9,20.9,20.9,5"], DAYS[9], 11),
    # 20.35 is 0.25 % above the high of 20.3: vendors round that far.
    ("outside-high-low", replaced(3, f"{DAYS[3]},20.35,20.3,20.2,20.3,10"), DAYS[3], 5),
    ("high-below-low", replaced(3, f"{DAYS[3]},20.3,20.3,20.31,20.3,10"), DAYS[3], 5),
]


@pytest.mark.parametrize(("gate", "lines", "on", "line"), FLAGGED)
def test_a_planted_oddity_is_flagged_with_its_place_and_the_data_are_used(tmp_path, gate, lines, on, line):
    quotes = judged(tmp_path, lines)

    found = next(item for item in quotes.findings if item.gate == gate)
    assert (found.severity, found.symbol, found.on) == ("flagged", "NA", on)
    assert found.message.startswith(f"NA.csv:{line}: ")
    assert list(quotes.bars) == ["NA"]


def test_a_real_move_of_211_per_cent_passes_with_nothing_but_a_flag(tmp_path):
    # 2.10 to 6.53 is +211 %; 3.11 to one is no ratio of a split.
    quotes = judged(tmp_path, closes(2.0, 2.1, 6.53, 6.6))

    assert [item.gate for item in quotes.findings] == ["large-move"]
    assert "+211% without a split" in quotes.findings[0].message
    assert list(quotes.bars["NA"]["close"]) == [2.0, 2.1, 6.53, 6.6]


def test_a_move_with_a_split_row_is_not_flagged(tmp_path):
    assert judged(tmp_path, with_actions("0", "4", "5.1")).findings[0].on == DAYS[4]


def test_nothing_but_dropped_rows_is_ever_changed(tmp_path):
    lines = [*SOUND[:5], SOUND[4], *SOUND[5:10], bar("2024-01-15", "20.85"), SOUND[10]]

    quotes = judged(tmp_path, lines)

    assert [item.gate for item in quotes.findings] == ["repeated-row", "closed-day"]
    assert quotes.bars["NA"].equals(judged(tmp_path, SOUND).bars["NA"])


def test_holes_are_counted_with_the_first_and_the_longest_run(tmp_path):
    # Bars 2, 5 and 6 of ten are gone; the first and the last stay.
    lines = [line for at, line in enumerate(SOUND) if at not in {3, 6, 7}]

    message = judged(tmp_path, lines).findings[0].message

    assert message.startswith(f"NA.csv:3: 3 of 10 sessions have no bar, the first {DAYS[2]}, ")
    assert "the longest run 2;" in message


def test_nineteen_quiet_sessions_are_not_worth_a_word(tmp_path):
    lines = [*QUIET[:5], bar(DAYS[4], "20.04", 9), *QUIET[6:]]

    assert judged(tmp_path, lines).findings == ()


def test_a_share_that_moves_near_ten_dollars_is_no_shell(tmp_path):
    # Ranges of four per cent a day: something trades.
    lines = [HEADER, *(f"{day},10,10.3,9.9,{10 + at / 100},5" for at, day in enumerate(DAYS[:25]))]

    assert judged(tmp_path, lines).findings == ()


def with_adjusted(adjusted: list[str]) -> list[str]:
    """Ten closes of 20 with a dividend of 1 on bar 5, and these adjusted closes."""
    rows = [
        f"{day},20,20.1,19.9,20,{value},7,{1 if at == 5 else 0}"
        for at, (day, value) in enumerate(zip(DAYS, adjusted, strict=False))
    ]
    return ["Date,Open,High,Low,Close,Adj Close,Volume,Dividends", *rows]


def test_dividends_and_an_adjusted_close_that_agree_are_silent_and_dividends_win(tmp_path):
    # Before the ex-date the factor is 1 - 1 / 20 = 0.95, so 19.
    quotes = judged(tmp_path, with_adjusted(["19"] * 5 + ["20"] * 5))

    assert quotes.findings == ()
    assert "adjusted_close" not in quotes.bars["NA"]
    assert quotes.bars["NA"]["dividend"].sum() == 1


def test_an_adjusted_close_more_than_five_basis_points_off_is_flagged_at_its_first_bar(tmp_path):
    # 19.012 over 19 is 6.3 basis points.
    found = judged(tmp_path, with_adjusted(["19", "19", "19.012", "19", "19"] + ["20"] * 5)).findings

    assert [(item.gate, item.on) for item in found] == [("adjusted-close", DAYS[2])]
    assert found[0].message.startswith("NA.csv:4: ")


def test_an_adjusted_close_without_dividends_is_handed_on(tmp_path):
    lines = [
        "Date,Open,High,Low,Close,Adj Close,Volume",
        *(f"{day},20,20.1,19.9,20,19,7" for day in DAYS[:3]),
    ]

    assert list(judged(tmp_path, lines).bars["NA"]["adjusted_close"]) == [19, 19, 19]


ACCEPTABLE = [row for row in REFUSED if GATES[row[0]] == "refused"]


@pytest.mark.parametrize(("gate", "lines", "on", "line"), ACCEPTABLE)
def test_an_accepted_refusal_is_flagged_and_the_data_are_used(tmp_path, gate, lines, on, line):
    every = {name for name, severity in GATES.items() if severity == "refused"}

    quotes = judged(tmp_path, lines, accept=every)

    found = next(item for item in quotes.findings if item.gate == gate)
    assert found.severity == "flagged"
    assert found.message.endswith("(accepted)")
    assert quotes.bars["NA"].index.is_monotonic_increasing
    assert quotes.bars["NA"].index.is_unique


def test_an_accepted_price_of_zero_is_used_as_it_is(tmp_path):
    lines = replaced(3, f"{DAYS[3]},0,20.4,20.2,20.3,10")

    quotes = judged(tmp_path, lines, accept=["non-positive-price", "outside-high-low"])

    assert quotes.bars["NA"]["open"].iloc[3] == 0


def test_of_accepted_rows_of_one_date_the_first_is_used(tmp_path):
    lines = [*SOUND[:5], bar(DAYS[3], "20.9"), *SOUND[5:]]

    quotes = judged(tmp_path, lines, accept=["duplicate-date"])

    assert quotes.bars["NA"]["close"].iloc[3] == 20.3
    assert len(quotes.bars["NA"]) == 10


# Stooq's bulk files need a basis from beside them before their bars are looked at: tested with the dialects.
FINAL = [name for name, severity in GATES.items() if severity == "final" and name != "not-daily"]


@pytest.mark.parametrize("gate", FINAL)
def test_what_cannot_be_read_stays_refused_whatever_is_accepted(tmp_path, gate):
    lines = next((row[1] for row in REFUSED if row[0] == gate), SOUND)
    folder = write(tmp_path / "prices", {"NA.csv": lines, "OK.csv": SOUND})
    exchange = "XSHG" if gate == "unknown-sessions" else "XNYS"
    rows = [row.replace("2024-", "1985-") for row in SOUND] if gate == "unknown-sessions" else lines
    write(folder, {"NA.csv": rows})

    quotes = read(folder, listing("NA", exchange=exchange), listing("OK"), accept=[gate])

    assert list(quotes.bars) == ["OK"]
    assert [item.gate for item in quotes.findings if item.severity == "refused"] == [gate]


def test_the_page_on_prices_lists_every_gate_with_its_severity():
    page = (Path(__file__).parents[2] / "docs" / "prices.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]

    assert {row[0].strip("`"): row[1] for row in rows if row[1] in SEVERITIES} == GATES
