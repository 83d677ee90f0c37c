"""A user's own universe in one flat file: what its lines mean, and every fault at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from price_files import listing
from worlds import KNOWN, world_universe

from universes.errors import BadData, LodestoneError
from universes.facts import Mineral, Tier
from universes.flat import Flat, read_flat

ON = date(2024, 1, 2)


def mineral(name: str, group: str) -> Mineral:
    lists = dict.fromkeys(("us_list_2018", "us_list_2022", "us_list_2025"), "yes")
    return Mineral(mineral=name, element=None, group=group, **lists, **KNOWN)


SHIPPED = world_universe(
    [listing("BIG"), listing("MP", "mp-materials"), listing("OTHER", "other-miner")],
    controls=["BIG"],
    facts={
        "minerals": (
            mineral("lithium", "battery"),
            mineral("nickel", "battery"),
            mineral("terbium", "heavy-rare-earths"),
        ),
        "jurisdictions": (
            Tier(jurisdiction="NA", tier="partner", start=date(2010, 1, 1), end=None, **KNOWN),
        ),
    },
).facts


def flat(tmp_path: Path, *lines: str):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_flat(path, SHIPPED)


def faults(tmp_path: Path, *lines: str) -> list[tuple[int, str, str]]:
    with pytest.raises(BadData) as caught:
        flat(tmp_path, *lines)
    assert {item.file for item in caught.value.faults} == {str(tmp_path / "mine.csv")}
    return [(item.line, item.field, item.message) for item in caught.value.faults]


def test_symbol_and_name_are_enough(tmp_path):
    universe = flat(tmp_path, "symbol,name", "ABC,Abc Mining", "XYZ.AX,Xyz Metals")

    profiles = universe.profiles(date(2010, 1, 1))

    assert universe.name == str(tmp_path / "mine.csv")
    assert [(item.company.company, item.listing.exchange, item.listing.currency) for item in profiles] == [
        ("abc", "XNYS", "USD"),
        ("xyz-ax", "XASX", "AUD"),
    ]
    assert profiles[0].company.source == "user file"
    assert profiles[0].company.confidence == "medium"
    assert profiles[0].tags()["domicile"] is None
    assert universe.profiles(date(2009, 12, 31)) == ()


def test_every_column_arrives_where_a_filter_finds_it(tmp_path):
    universe = flat(
        tmp_path,
        "symbol,name,company,exchange,currency,role,purity,domicile,jurisdiction,subdivision,minerals,stage,stage_from,"
        "shares_outstanding,float_low,float_high,support,china_linked,listed_from,known_from,source,confidence",
        "ABC,Abc,abc-mining,XASE,CAD,refiner,0.9,GB,NA,NA-ER,lithium|terbium,pfs,2020-05-01,"
        "1000000,0.5,0.75,binding,yes,2015-02-03,2020-06-01,annual report,high",
    )

    tags = universe.profile("abc-mining", ON).tags()

    assert tags["exchange"] == "XASE"
    assert tags["currency"] == "CAD"
    assert tags["role"] == "refiner"
    assert (tags["purity"], tags["domicile"], tags["jurisdiction"], tags["tier"]) == (
        0.9,
        "GB",
        "NA",
        "partner",
    )
    assert tags["minerals"] >= {"lithium", "terbium", "battery", "heavy-rare-earths"}
    assert universe.profile("abc-mining", ON).mineral_weights() == {"lithium": 0.5, "terbium": 0.5}
    assert (tags["stage"], tags["shares_outstanding"], tags["float_share"]) == ("pfs", 1e6, 0.625)
    assert (tags["support"], tags["china_linked"]) == ("binding", True)
    assert universe.members_on(date(2020, 5, 31)) == ()


def test_a_company_that_ships_keeps_its_id_and_the_other_shipped_members_stay_out(tmp_path):
    universe = flat(tmp_path, "symbol,name", "MP,My MP")

    assert list(universe.companies) == ["mp-materials"]
    assert universe.companies["mp-materials"].name == "My MP"
    assert {row.symbol for row in universe.facts.listings} == {"MP", "BIG"}


def test_controls_minerals_and_jurisdictions_are_kept(tmp_path):
    universe = flat(tmp_path, "symbol,name", "ABC,Abc")

    assert [row.symbol for row in universe.controls] == ["BIG"]
    assert universe.facts.minerals == SHIPPED.minerals
    assert universe.facts.jurisdictions == SHIPPED.jurisdictions


def test_a_control_that_the_user_names_becomes_a_member(tmp_path):
    universe = flat(tmp_path, "symbol,name", "BIG,Big Oil")

    assert universe.controls == ()
    assert [item.listing.symbol for item in universe.profiles(ON)] == ["BIG"]


def test_codes_that_look_like_something_else_survive(tmp_path):
    universe = flat(
        tmp_path,
        "symbol,name,jurisdiction,minerals",
        "NA,True,NO,nickel",
        "NO,Null,NA,nickel",
        "TRUE,On,US,lithium",
    )

    tags = {item.listing.symbol: item.tags() for item in universe.profiles(ON)}

    assert {symbol: (row["name"], row["jurisdiction"]) for symbol, row in tags.items()} == {
        "NA": ("True", "NO"),
        "NO": ("Null", "NA"),
        "TRUE": ("On", "US"),
    }


def test_one_company_may_have_one_symbol_after_another(tmp_path):
    universe = flat(
        tmp_path,
        "symbol,name,company,jurisdiction,stage,listed_from,listed_to",
        "OLD,Abc,abc,US,pfs,2015-01-02,2020-03-04",
        "NEW,Abc,abc,US,dfs,2020-03-04,",
    )

    before, after = universe.profile("abc", date(2020, 3, 3)), universe.profile("abc", date(2020, 3, 4))

    assert (before.listing.symbol, after.listing.symbol) == ("OLD", "NEW")
    assert [len(before.assets), len(after.assets)] == [1, 1]
    assert [before.stage(), after.stage()] == ["pfs", "dfs"]
    assert len(universe.companies) == 1


def test_a_name_that_ceased_stays_and_leaves_on_its_day(tmp_path):
    universe = flat(tmp_path, "symbol,name,listed_to", "ABC,Abc,2020-03-04")

    assert universe.members_on(date(2020, 3, 3)) == ("abc",)
    assert universe.members_on(date(2020, 3, 4)) == ()


@pytest.mark.parametrize(
    ("header", "cells", "field", "message"),
    [
        ("exchange", "XNYZ", "exchange", "no exchange named 'XNYZ'; did you mean 'XNYS'?"),
        ("currency", "dollars", "currency", "not an ISO 4217 code"),
        ("role", "mine", "role", "did you mean 'miner'?"),
        ("role", "control", "role", "not one of the words"),
        ("purity", "90%", "purity", "not a plain number"),
        ("domicile", "UK", "domicile", "did you mean 'GB'?"),
        (
            "jurisdiction,minerals",
            "US,litium",
            "minerals",
            "no mineral named 'litium'; did you mean 'lithium'?",
        ),
        ("jurisdiction,minerals", "US,battery", "minerals", "no mineral named 'battery'"),
        ("jurisdiction,minerals", "US,nickel|nickel", "minerals", "names one mineral twice"),
        ("minerals", "nickel", "jurisdiction", "must say where"),
        ("jurisdiction,subdivision", "US,AU-WA", "subdivision", "'AU-WA' is not in US"),
        ("jurisdiction,stage", "US,pilot", "stage", "not one of the words"),
        ("stage_from", "2020-01-01", "stage", "is empty though stage_from is 2020-01-01"),
        ("float_low", "0.5", "float_high", "give both bounds"),
        ("float_low,float_high", "0.8,0.5", "float_low", "0.8 is above float_high 0.5: swap them"),
        ("support", "signed", "support", "not one of the words"),
        ("china_linked", "TRUE", "china_linked", "not one of the words"),
        ("listed_from,listed_to", "2020-01-02,2020-01-02", "listed_to", "is not after listed_from"),
        ("known_from", "01/02/2020", "known_from", "write YYYY-MM-DD"),
        ("confidence", "sure", "confidence", "not one of the words"),
    ],
)
def test_a_planted_fault_names_its_line_and_field(tmp_path, header, cells, field, message):
    found = faults(
        tmp_path, f"symbol,name,{header}", f"OK,Fine{',' * (header.count(',') + 1)}", f"ABC,Abc,{cells}"
    )

    assert [item[:2] for item in found] == [(3, field)]
    assert message in found[0][2]


def test_faults_of_cells_and_between_lines_come_together_in_the_order_of_lines(tmp_path):
    found = faults(
        tmp_path,
        "symbol,name,company,float_low,float_high",
        "ABC,Abc,,0.9,0.5",
        "ABC,Abc again,,,",
        "XYZ.QQ,Xyz,,,",
        "low,Low,,,",
        "ONE,One,same,,",
        "TWO,Two,same,,",
    )

    assert [item[:2] for item in found] == [
        (2, "float_low"), (3, "symbol"), (4, "exchange"), (5, "symbol"), (7, "company"),
    ]  # fmt: skip
    assert "'ABC' is on line 2 too, for the same dates" in found[1][2]
    assert "no exchange is known for tickers in '.QQ'" in found[2][2]


def test_missing_and_unknown_columns_are_named(tmp_path):
    found = faults(tmp_path, "symbol,nam", "ABC,Abc")

    assert [(line, field) for line, field, _ in found] == [(1, "nam"), (1, "name")]
    assert "did you mean 'name'?" in found[0][2]


@pytest.mark.parametrize("lines", [(), ("symbol,name",)])
def test_a_file_without_companies_is_refused(tmp_path, lines):
    assert faults(tmp_path, *lines)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadData, match="cannot be read: No such file"):
        read_flat(tmp_path / "none.csv", SHIPPED)


CELLS = st.sampled_from(
    ["MP", "NA", "ABC", "mp", "", "US", "0.5", "2020-01-01", "0001-01-01", "nickel", "pfs", "^-.", "x|y"]
)
HEADER = ",".join(name for name in Flat.__dataclass_fields__ if name != "where")
LINES = st.lists(st.lists(CELLS, min_size=23, max_size=23).map(",".join), max_size=5)


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
        LINES.map(lambda lines: "\n".join([HEADER, *lines]).encode()),
    )
)
@example(b"symbol,name\n^-.,x\n")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_nothing_but_our_own_error_comes_out(tmp_path, raw):
    path = tmp_path / "mine.csv"
    path.write_bytes(raw)

    try:
        universe = read_flat(path, SHIPPED)
    except LodestoneError:
        return
    assert universe.memberships
