"""What holders of a share that ceased were paid, from the facts and the successor's file."""

from __future__ import annotations

from datetime import date

import pytest
from price_files import HEADER, bar, days, listing, read, text, write
from worlds import world_universe

from universes.assemble import market

DAYS = days(10)
SOUND = text([f"{20.0 + 0.1 * step:.2f}" for step in range(10)])
GONE = text(["5.00", "5.10", "5.20", "5.30"])
CEASED = date.fromisoformat(DAYS[4])


def ended(kind: str | None, value: float | None, **fields: object):
    return listing(
        "GONE", listed_to=CEASED, ended_by="acquired", terminal_kind=kind, terminal_value=value, **fields
    )


def test_cash_is_what_the_facts_say_and_zero_is_zero(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND})

    assert read(folder, ended("cash", 5.85), listing("OK")).terminal == {"GONE": 5.85}
    assert read(folder, ended("zero", 0.0), listing("OK")).terminal == {"GONE": 0.0}
    assert read(folder, ended(None, None), listing("OK")).terminal == {}


def test_a_name_that_ceases_after_the_data_has_no_terminal_value(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE})

    assert read(folder, ended("cash", 5.85)).terminal == {}


def test_shares_received_are_worth_the_successor_s_traded_close_on_the_first_session(tmp_path):
    # SUCC closes at 20.40 on bar 4, stated after a one-for-two consolidation on bar 8: printed at 10.20.
    rows = [f"{line},{0.5 if at == 8 else 0}" for at, line in enumerate(SOUND[1:])]
    files = {"GONE.csv": GONE, "SUCC.csv": [f"{HEADER},Stock Splits", *rows]}
    folder = write(tmp_path / "prices", files)
    gone = ended("ratio", 0.25, successor="SUCC")

    asked = read(folder, gone, listing("SUCC"))
    beside = read(write(folder, {"OK.csv": SOUND}), gone, listing("OK"), also=[listing("SUCC")])

    assert asked.terminal == {"GONE": pytest.approx(0.25 * 20.4 * 0.5, rel=1e-12)}
    assert beside.terminal == asked.terminal


def test_a_successor_that_was_renamed_at_once_hands_on_to_its_own(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "NEXT.csv": SOUND})
    gone = ended("ratio", 2.0, successor="SUCC")
    between = listing("SUCC", listed_to=CEASED, ended_by="renamed", successor="NEXT")

    assert read(folder, gone, listing("NEXT"), also=[between]).terminal == {"GONE": 2.0 * 20.4}


def test_a_successor_of_another_dialect_is_paid_on_the_same_basis(tmp_path):
    # Raw closes of 40.8 before a split of two for one on bar 8: printed at 40.8 on bar 4, when it was received.
    rows = [
        f"{day},{40.8 if at < 8 else 20.4},41,20,{40.8 if at < 8 else 20.4},100,0,{2 if at == 8 else 1}"
        for at, day in enumerate(DAYS)
    ]
    files = {
        "GONE.csv": GONE,
        "OK.csv": SOUND,
        "SUCC.csv": ["date,close,high,low,open,volume,divCash,splitFactor", *rows],
    }
    folder = write(tmp_path / "prices", files)
    gone = ended("ratio", 0.25, successor="SUCC")

    asked = read(folder, gone, listing("SUCC"))
    beside = read(folder, gone, listing("OK"), also=[listing("SUCC")])

    assert asked.terminal == beside.terminal == {"GONE": pytest.approx(0.25 * 40.8, rel=1e-12)}


def test_a_successor_without_a_price_or_in_another_currency_is_said_and_left_out(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND, "SUCC.AX.csv": SOUND})

    absent = read(folder, ended("ratio", 2.0, successor="SUCC"), listing("OK"))
    foreign = read(
        folder,
        ended("ratio", 2.0, successor="SUCC.AX"),
        listing("OK"),
        also=[listing("SUCC.AX", currency="AUD")],
    )

    assert (absent.terminal, [item.gate for item in absent.findings]) == ({}, ["terminal"])
    assert f"no close of SUCC within 30 days of {DAYS[4]}" in absent.findings[0].message
    assert (foreign.terminal, [item.gate for item in foreign.findings]) == ({}, ["terminal"])
    assert "quoted in AUD, not USD" in foreign.findings[0].message


def test_a_successor_that_the_gates_refuse_pays_nothing(tmp_path):
    spoilt = [*SOUND[:8], bar(DAYS[7], "-1"), *SOUND[9:]]
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND, "SUCC.csv": spoilt})

    assert read(folder, ended("ratio", 2.0, successor="SUCC"), listing("OK")).terminal == {}


def test_a_renamed_symbol_of_the_same_company_is_paid_nothing(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND})
    gone = listing("GONE", "ok", listed_to=CEASED, ended_by="renamed", successor="OK")

    assert read(folder, gone, listing("OK")).terminal == {}


def test_a_market_of_files_holds_their_prices_and_the_payout(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND})
    universe = world_universe([ended("cash", 5.85), listing("OK")])

    found = market(universe, f"csv:{folder}")

    assert found.kind == "real"
    assert found.close["OK"].tolist() == [20.0, 20.1, 20.2, 20.3, 20.4, 20.5, 20.6, 20.7, 20.8, 20.9]
    assert found.lives.loc["GONE", ["last", "end", "terminal_value"]].tolist() == [3, 4, 5.85]


def test_the_order_of_listings_changes_nothing(tmp_path):
    folder = write(tmp_path / "prices", {"GONE.csv": GONE, "OK.csv": SOUND})

    one, other = (
        read(folder, ended("cash", 1.0), listing("OK")),
        read(folder, listing("OK"), ended("cash", 1.0)),
    )

    assert list(one.bars) == list(other.bars)
    assert (one.findings, one.missing, one.terminal) == (other.findings, other.missing, other.terminal)
