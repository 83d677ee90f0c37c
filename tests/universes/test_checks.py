"""Each rule between rows sees the one fault planted for it and names file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from universes.checks import check_events, check_facts, check_universe, event_notes
from universes.errors import Fault
from universes.facts import TABLES

END = "2020-01-01,test record,high"
THIRD = "0.333333333333"
LISTINGS_HEADER = (
    "symbol,company,exchange,currency,listed_from,listed_to,ended_by,successor,terminal_kind,terminal_value,"
    "spac_until,known_from,source,confidence"
)
MINERAL = f"yes,yes,yes,{END}"
# Two companies, one of them with a second asset from 2021 on; every rule holds.
SOUND: dict[str, list[str]] = {
    "companies": [
        "company,name,role,purity,domicile,known_from,source,confidence",
        f"abc,Abc,miner,0.5,NA,{END}",
        f"xyz,Xyz,miner,,NO,{END}",
    ],
    "listings": [
        LISTINGS_HEADER,
        f"NA,abc,XNYS,USD,2015-01-02,2020-03-04,renamed,ON,,,,{END}",
        f"ON,abc,XNYS,USD,2020-03-04,,,,,,,{END}",
        f"NO.AX,xyz,XASX,AUD,,2022-02-02,acquired,,cash,1.5,,{END}",
    ],
    "assets": [
        "asset,company,name,jurisdiction,subdivision,weight,held_from,held_to,known_from,source,confidence",
        f"abc-one,abc,One,NA,NA-ER,1,,2021-01-01,{END}",
        f"abc-two,abc,Two,NA,,0.7,2021-01-01,,{END}",
        f"abc-three,abc,Three,NO,,0.3,2021-01-01,,{END}",
        f"xyz-one,xyz,One,NO,,1,,,{END}",
    ],
    "asset_minerals": [
        "asset,mineral,weight,known_from,source,confidence",
        *(
            f"abc-one,{name},{weight},{END}"
            for name, weight in (("nickel", THIRD), ("cobalt", THIRD), ("lithium", THIRD))
        ),
    ],
    "stages": [
        "asset,stage,from,reason,known_from,source,confidence",
        f"abc-one,pfs,2015-01-01,,{END}",
        f"abc-one,suspended,2016-01-01,no money,{END}",
        f"abc-one,dfs,2017-01-01,,{END}",
    ],
    "floats": [
        "company,on,shares_outstanding,float_low,float_high,method,known_from,source,confidence",
        f"abc,2020-01-01,1000,0.5,0.75,filing,{END}",
    ],
    "support": [
        "support,company,instrument,counterparty,country,amount,currency,status,on,known_from,source,confidence",
        f"abc-exim,abc,exim,Exim,US,1,USD,binding,2020-01-01,{END}",
    ],
    "china_links": [
        "company,kind,party,share,from,to,known_from,source,confidence",
        f"abc,holder,Fund,0.1,2015-01-01,2016-01-01,{END}",
    ],
    "jurisdictions": [
        "jurisdiction,tier,from,to,known_from,source,confidence",
        f"NA,neutral,2010-01-01,2022-06-14,{END}",
        f"NA,partner,2022-06-14,,{END}",
        f"NO,partner,2010-01-01,,{END}",
    ],
    "minerals": [
        "mineral,element,group,us_list_2018,us_list_2022,us_list_2025,known_from,source,confidence",
        f"nickel,Ni,battery,{MINERAL}",
        f"cobalt,Co,battery,{MINERAL}",
        f"lithium,Li,battery,{MINERAL}",
    ],
    "mineral_lists": [
        "mineral,list,from,to,known_from,source,confidence",
        f"nickel,au-critical,2012-02-16,2014-01-01,{END}",
        f"nickel,au-critical,2015-02-16,,{END}",
    ],
    "supply": [
        "mineral,step,year,country,share,import_reliance_low,import_reliance_high,known_from,source,confidence",
        f"nickel,mining,2014,NO,0.67,0.41,0.41,{END}",
        f"cobalt,mining,2014,NA,,0.5,1,{END}",
    ],
    "mining_ranks": [
        "survey,measure,jurisdiction,subdivision,rank,of,known_from,source,confidence",
        f"2014,policy-perception,NA,,17,82,{END}",
        f"2014,policy-perception,NA,NA-ER,3,82,{END}",
    ],
    "universes/mine": [
        "company,from,to,known_from,source,confidence",
        f"abc,2015-01-02,,{END}",
        f"xyz,2010-01-01,2022-02-02,{END}",
    ],
}


def write(folder: Path, tables: dict[str, list[str]]) -> Path:
    (folder / "universes").mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def places(faults: tuple[Fault, ...], folder: Path) -> list[tuple[str, int, str]]:
    return [(str(Path(item.file).relative_to(folder)), item.line, item.field) for item in faults]


def test_a_sound_folder_has_no_faults(tmp_path):
    # Three thirds written with twelve digits are 1e-12 short of 1: within the 1e-9 allowed.
    assert check_facts(write(tmp_path, SOUND)) == ()


PLANTED = [
    # table, line, what the line becomes, field of the fault, part of the message
    ("listings", 3, f"ON,abd,XNYS,USD,2020-03-04,,,,,,,{END}", "company", "did you mean 'abc'?"),
    ("listings", 2, f"NA,abc,XNYS,USD,2015-01-02,2020-03-04,renamed,OX,,,,{END}", "successor", "no symbol 'OX'"),
    ("listings", 3, f"ON,abc,XNYZ,USD,2020-03-04,,,,,,,{END}", "exchange", "did you mean 'XNYS'?"),
    ("listings", 3, f"ON,abc,XNYS,USD,2020-03-04,2020-03-03,,,,,,{END}", "listed_to", "not after listed_from"),
    ("listings", 4, f"NO.AX,xyz,XASX,AUD,,2022-02-02,acquired,,,1.5,,{END}", "terminal_kind", "terminal_value is not"),
    ("listings", 4, f"NO.AX,xyz,XASX,AUD,,2022-02-02,acquired,,cash,,,{END}", "terminal_value", "fill it in"),
    ("listings", 4, f"NO.AX,xyz,XASX,AUD,,2022-02-02,bankrupt,,zero,1,,{END}", "terminal_value", "write 0"),
    ("listings", 4, f"NO.AX,xyz,XASX,AUD,,,,,cash,1.5,,{END}", "listed_to", "fill it in"),
    ("assets", 5, f"xyz-one,xyy,One,NO,,1,,,{END}", "company", "no company 'xyy'"),
    ("assets", 5, f"xyz-one,xyz,One,SE,,1,,,{END}", "jurisdiction", "no jurisdiction 'SE'"),
    ("assets", 2, f"abc-one,abc,One,NA,NO-03,1,,2021-01-01,{END}", "subdivision", "'NO-03' is not in NA"),
    ("assets", 5, f"xyz-one,xyz,One,NO,,1,2021-01-01,2020-01-01,{END}", "held_to", "not after held_from"),
    ("assets", 3, f"abc-two,abc,Two,NA,,0.700001,2021-01-01,,{END}", "weight", "on 2021-01-01 (abc-two, abc-three)"),
    ("assets", 5, f"xyz-one,xyz,One,NO,,0.9,,,{END}", "weight", "from the beginning (xyz-one) have weights of 0.9"),
    ("asset_minerals", 2, f"abc-oen,nickel,1,{END}", "asset", "did you mean 'abc-one'?"),
    ("asset_minerals", 2, f"abc-one,nikel,0.1,{END}", "mineral", "did you mean 'nickel'?"),
    ("asset_minerals", 2, f"abc-one,nickel,0.33334,{END}", "weight", "have weights of 1.000006667: make it 1"),
    ("stages", 2, f"xyz-two,pfs,2015-01-01,,{END}", "asset", "no asset 'xyz-two'"),
    ("stages", 3, f"abc-one,suspended,2014-01-01,no money,{END}", "from", "not after 2015-01-01 on line 2"),
    ("stages", 3, f"abc-one,suspended,2016-01-01,,{END}", "reason", "suspended is off the ladder"),
    ("stages", 4, f"abc-one,pea,2017-01-01,,{END}", "reason", "pea is a step down from pfs on line 2"),
    ("floats", 2, f"abd,2020-01-01,1000,0.5,0.75,filing,{END}", "company", "no company 'abd'"),
    ("floats", 2, f"abc,2020-01-01,1000,0.8,0.75,filing,{END}", "float_low", "0.8 is above float_high 0.75"),
    ("support", 2, f"abc-exim,abd,exim,Exim,US,1,USD,binding,2020-01-01,{END}", "company", "no company 'abd'"),
    ("china_links", 2, f"abd,holder,Fund,0.1,,,{END}", "company", "no company 'abd'"),
    ("china_links", 2, f"abc,holder,Fund,0.1,2016-01-01,2015-01-01,{END}", "to", "not after from 2016-01-01"),
    ("jurisdictions", 3, f"NA,partner,2022-06-13,,{END}", "jurisdiction", "'NA' is on line 2 for the same dates"),
    ("jurisdictions", 4, f"NO,partner,2010-01-01,2009-01-01,{END}", "to", "not after from 2010-01-01"),
    ("mineral_lists", 2, f"nikel,au-critical,2012-02-16,2014-01-01,{END}", "mineral", "did you mean 'nickel'?"),
    ("mineral_lists", 2, f"nickel,au-critical,2012-02-16,2012-02-16,{END}", "to", "not after from 2012-02-16"),
    ("mineral_lists", 3, f"nickel,au-critical,2013-01-01,,{END}", "list", "'nickel' with 'au-critical' is on line 2"),
    ("mineral_lists", 3, f"nickel,us,2015-02-16,,{END}", "list", "'us' is not one of the words"),
    ("supply", 2, f"nikel,mining,2014,NO,0.67,0.41,0.41,{END}", "mineral", "did you mean 'nickel'?"),
    ("supply", 2, f"nickel,mining,14,NO,0.67,0.41,0.41,{END}", "year", "'14' is not a year"),
    ("supply", 2, f"nickel,mining,2014,NO,67,0.41,0.41,{END}", "share", "write 0.25 for 25 %"),
    ("supply", 2, f"nickel,mining,2014,NO,0.67,0.9,0.41,{END}", "import_reliance_low", "0.9 is above import_"),
    ("mining_ranks", 2, f"2014,policy-perception,NA,,83,82,{END}", "rank", "83 is above of 82"),
    ("mining_ranks", 3, f"2014,policy-perception,NA,NO-03,3,82,{END}", "subdivision", "'NO-03' is not in NA"),
    ("mining_ranks", 2, f"2014,fraser,NA,,17,82,{END}", "measure", "'fraser' is not one of the words"),
    ("universes/mine", 3, f"xyy,2010-01-01,2022-02-02,{END}", "company", "no company 'xyy'"),
    ("universes/mine", 3, f"xyz,2022-02-02,2010-01-01,{END}", "to", "not after from 2022-02-02"),
    ("universes/mine", 3, f"xyz,2022-02-02,2022-02-02,{END}", "to", "not after from 2022-02-02"),
    ("universes/mine", 3, f"abc,2016-01-01,,{END}", "company", "'abc' is on line 2 for the same dates"),
    ("companies", 3, "xyz,Xyz,miner,,NO,2028-01-01,test record,high", "known_from", "after 2027-12-31"),
    ("companies", 3, f"xyz,Xyz,miner,,UK,{END}", "domicile", "did you mean 'GB'?"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "line", "text", "field", "message"), PLANTED)
def test_a_planted_fault_is_the_only_one_seen_and_named_by_its_place(
    tmp_path, table, line, text, field, message
):
    lines = [text if at == line else old for at, old in enumerate(SOUND[table], start=1)]

    found = check_facts(write(tmp_path, SOUND | {table: lines}))

    assert (f"{table}.csv", line, field) in places(found, tmp_path)
    assert message in next(item.message for item in found if (item.line, item.field) == (line, field))
    assert len(found) <= 2, "one fault must not bring a crowd with it"


def appended(table: str, *lines: str) -> dict[str, list[str]]:
    return SOUND | {table: [*SOUND[table], *lines]}


@pytest.mark.parametrize(
    ("table", "text", "line", "field", "message"),
    [
        ("listings", f"NA,xyz,XNYS,USD,2020-03-03,2020-06-01,,,,,,{END}", 5, "symbol", "'NA' is on line 2"),
        ("companies", f"abc,Abc twice,miner,,NA,{END}", 4, "company", "'abc' is on line 2 already"),
        ("minerals", f"nickel,Ni,base,{MINERAL}", 5, "mineral", "'nickel' is on line 2 already"),
        (
            "asset_minerals",
            f"abc-one,nickel,0,{END}",
            5,
            "mineral",
            "'abc-one' with 'nickel' is on line 2 already",
        ),
    ],
)
def test_a_row_too_many_names_the_row_that_it_repeats(tmp_path, table, text, line, field, message):
    found = check_facts(write(tmp_path, appended(table, text)))

    assert places(found, tmp_path) == [(f"{table}.csv", line, field)]
    assert message in found[0].message


def test_an_asset_that_stands_twice_is_seen(tmp_path):
    found = check_facts(write(tmp_path, appended("assets", f"abc-one,xyz,Again,NO,,0,,,{END}")))

    assert places(found, tmp_path) == [("assets.csv", 6, "asset")]


def test_an_asset_may_have_a_row_for_each_stretch_of_time(tmp_path):
    *others, _ = SOUND["assets"]
    stretches = [f"xyz-one,xyz,One,NO,,1,,2021-01-01,{END}", f"xyz-one,xyz,One,NO,,1,2021-01-01,,{END}"]

    assert check_facts(write(tmp_path, SOUND | {"assets": [*others, *stretches]})) == ()


def test_one_symbol_may_be_two_companies_one_after_the_other(tmp_path):
    later = f"NA,xyz,XNYS,USD,2020-03-04,,,,,,,{END}"

    assert check_facts(write(tmp_path, appended("listings", later))) == ()


def test_a_member_without_a_listing_is_seen(tmp_path):
    found = check_facts(write(tmp_path, SOUND | {"listings": SOUND["listings"][:3]}))

    assert places(found, tmp_path) == [("universes/mine.csv", 3, "company")]
    assert "'xyz' has no row in listings.csv" in found[0].message


def test_a_step_back_to_a_lower_stage_after_a_stop_needs_a_reason(tmp_path):
    tail = [f"abc-one,closed,2018-01-01,price,{END}", f"abc-one,pea,2019-01-01,,{END}"]

    found = check_facts(write(tmp_path, appended("stages", *tail)))

    assert places(found, tmp_path) == [("stages.csv", 6, "reason")]


def test_faults_of_cells_and_between_tables_come_together_sorted(tmp_path):
    tables = SOUND | {
        "companies": [*SOUND["companies"][:2], f"xyz,Xyz,mine,,NO,{END}"],
        "floats": [SOUND["floats"][0], f"abc,2020-01-01,1000,0.8,0.75,filing,{END}"],
    }

    found = check_facts(write(tmp_path, tables))

    # The faulty line of xyz still says that there is a company xyz.
    assert places(found, tmp_path) == [("companies.csv", 3, "role"), ("floats.csv", 2, "float_low")]


def test_a_table_that_is_not_there_is_one_fault_and_brings_no_others(tmp_path):
    folder = write(tmp_path, SOUND)
    (folder / "companies.csv").unlink()

    assert places(check_facts(folder), folder) == [("companies.csv", 0, "")]


def test_a_folder_that_is_not_there_names_every_table(tmp_path):
    assert len(check_facts(tmp_path / "none")) == len(TABLES)


# Flat files.


def test_a_flat_file_is_checked_against_the_shipped_minerals(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "symbol,name,jurisdiction,minerals\nABC,Abc,US,litium\nNA,Namibia,NA,lithium\nNO,No,QQQ,\n"
    )

    found = check_universe(path)

    assert places(found, tmp_path) == [("mine.csv", 2, "minerals"), ("mine.csv", 4, "jurisdiction")]
    assert "did you mean 'lithium'?" in found[0].message


def test_a_flat_file_without_fault_says_nothing(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("symbol,name\nNA,Namibia\nTRUE,On\n")

    assert check_universe(path) == ()


# Events.

EVENT_HEADER = (
    "event,announced,precision,effective,expires,status,kind,scope,country,body,instrument,title,minerals,direction,"
    "supersedes,known_from,source,confidence"
)
NAMED_HEADER = "event,company,direction,reason,known_from,source,confidence"
FIRST = (
    "cn-one,2025-04-04T10:00Z,minute,2025-04-04,2025-05-04,announcement,export-control,sector,CN,b,i,t,nickel,"
    f"tailwind,,{END}"
)
SECOND = f"na-two,2025-07-10,day,,,report,tariff,company,NA,b,i,t,battery|rare-earths,headwind,cn-one,{END}"
NAMED = f"na-two,abc,tailwind,why,{END}"


def events(folder: Path, *lines: str, named: tuple[str, ...] = (NAMED,)) -> Path:
    tables = {"events": [EVENT_HEADER, *lines], "event_companies": [NAMED_HEADER, *named]}
    return write(folder, {key: SOUND[key] for key in ("companies", "minerals")} | tables) / "events.csv"


def test_sound_events_have_no_faults_and_no_notes(tmp_path):
    path = events(tmp_path, FIRST, SECOND)

    assert (check_events(path), event_notes(path)) == ((), ())


def test_a_leak_is_not_after_the_announcement(tmp_path):
    path = events(tmp_path, FIRST, SECOND)
    header, *lines = path.read_text().splitlines()
    leaks = ("2025-04-05", "2025-07-10")
    wider = [f"{header},leaked", *(f"{line},{leak}" for line, leak in zip(lines, leaks, strict=True))]
    path.write_text("\n".join(wider) + "\n")

    assert places(check_events(path), tmp_path) == [("events.csv", 2, "leaked")]


DATES_HEADER = "event,on,kind,what,known_from,source,confidence"


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        (f"cn-one,2025-04-04,deadline,w,{END}", "on", "2025-04-04 is not after the event"),
        (f"cn-won,2026-04-04,deadline,w,{END}", "event", "did you mean 'cn-one'?"),
        (f"cn-one,2026-04-04,end,w,{END}", "kind", "'end' is not one of the words"),
        (f"cn-one,2026-01-01,deadline,again,{END}", "kind", "is on line 2 already"),
    ],
)
def test_dates_ahead_are_checked(tmp_path, line, field, message):
    path = events(tmp_path, FIRST.replace("2020-01-01", "2025-04-04"), SECOND)
    sound = [DATES_HEADER, f"cn-one,2026-01-01,deadline,w,{END}"]
    (tmp_path / "event_dates.csv").write_text("\n".join(sound) + "\n")
    assert check_events(path) == ()
    (tmp_path / "event_dates.csv").write_text("\n".join([*sound, line]) + "\n")

    (found,) = check_events(path)

    assert (Path(found.file).name, found.line, found.field) == ("event_dates.csv", 3, field)
    assert message in found.message


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("export-control", "export-controls", "kind", "did you mean 'export-control'?"),
        ("announcement", "announced", "status", "did you mean 'announcement'?"),
        ("tailwind", "tailwinds", "direction", "did you mean 'tailwind'?"),
        ("sector", "sectors", "scope", "did you mean 'sector'?"),
        ("minute", "second", "precision", "not one of the words"),
        ("nickel", "nikel", "minerals", "no mineral or group named 'nikel'; did you mean 'nickel'?"),
        ("nickel", "batery", "minerals", "did you mean 'battery'?"),
        ("nickel", "nickel|nickel", "minerals", "twice"),
        ("minute", "day", "precision", "announced has a clock"),
        ("2025-04-04T10:00Z", "2025-04-04", "announced", "a date though precision is minute"),
        ("2025-04-04T10:00Z", "2025-04-04 10:00", "announced", "write YYYY-MM-DD"),
        ("2025-05-04", "2025-04-03", "expires", "2025-04-03 is before effective 2025-04-04"),
        ("tailwind,", "tailwind,cn-won", "supersedes", "no event 'cn-won' in column event of events.csv; did you"),
        ("tailwind,", "tailwind,cn-one", "supersedes", "cannot supersede itself"),
        (",CN,", ",UK,", "country", "'UK' is not"),
        (",CN,", ",China,", "country", "'China' is not"),
        ("sector", "company", "scope", "event_companies.csv names none for 'cn-one'"),
        ("2020-01-01,test", "2028-01-01,test", "known_from", "after 2027-12-31"),
    ],
)  # fmt: skip
def test_a_planted_fault_of_an_event_names_its_place(tmp_path, old, new, field, message):
    found = check_events(events(tmp_path, FIRST.replace(old, new, 1), SECOND))

    assert places(found, tmp_path) == [("events.csv", 2, field)]
    assert message in found[0].message


@pytest.mark.parametrize("code", ["EU", "INT", "NA", "NO"])
def test_codes_of_countries_and_unions_pass(tmp_path, code):
    assert check_events(events(tmp_path, FIRST.replace(",CN,", f",{code},"), SECOND)) == ()


def test_an_event_that_stands_twice_is_seen(tmp_path):
    found = check_events(events(tmp_path, FIRST, SECOND, FIRST.replace(",t,", ",other,")))

    assert places(found, tmp_path) == [("events.csv", 4, "event")]
    assert "'cn-one' is on line 2 already" in found[0].message


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (f"cn-won,abc,tailwind,why,{END}", "event", "did you mean 'cn-one'?"),
        (f"cn-one,abd,tailwind,why,{END}", "company", "no company 'abd' in column company of companies.csv"),
        (f"na-two,abc,headwind,why,{END}", "company", "'na-two' with 'abc' is on line 2 already"),
        (f"cn-one,abc,up,why,{END}", "direction", "not one of the words"),
    ],
)
def test_a_planted_fault_of_a_named_company_names_its_place(tmp_path, row, field, message):
    found = check_events(events(tmp_path, FIRST, SECOND, named=(NAMED, row)))

    assert places(found, tmp_path) == [("event_companies.csv", 3, field)]
    assert message in found[0].message


def test_a_file_of_events_alone_is_checked_against_the_shipped_minerals(tmp_path):
    path = (
        write(tmp_path, {"mine": [EVENT_HEADER, FIRST, SECOND.replace("battery", "batteries")]}) / "mine.csv"
    )

    # Without event_companies.csv nobody can say whom the second event names.
    assert places(check_events(path), tmp_path) == [("mine.csv", 3, "minerals")]


@pytest.mark.parametrize(
    ("announced", "precision", "note"),
    [
        # Independence Day, a Friday.
        ("2025-07-04", "day", "New York is closed on 2025-07-04 (Friday): the next session is 2025-07-07"),
        ("2025-07-05T15:00Z", "hour", "New York is closed on 2025-07-05 (Saturday): the next session is 2025-07-07"),
        # 23:00 in New York on Thursday, already Friday in UTC, and a closed one.
        ("2025-07-04T03:00Z", "hour", ""),
        # Sunday evening in New York, Monday in UTC.
        ("2025-07-07T01:00Z", "hour", "New York is closed on 2025-07-06 (Sunday): the next session is 2025-07-07"),
        # A Saturday, with a holiday on the Monday of the next year.
        ("2022-12-31", "day", "New York is closed on 2022-12-31 (Saturday): the next session is 2023-01-03"),
    ],
)  # fmt: skip
def test_an_event_on_a_day_new_york_is_closed_is_a_note_and_no_fault(tmp_path, announced, precision, note):
    line = FIRST.replace("2025-04-04T10:00Z,minute", f"{announced},{precision}")
    path = events(tmp_path, line, SECOND)

    found = event_notes(path)

    assert check_events(path) == ()
    assert [item.message for item in found] == ([note] if note else [])
    assert all((item.line, item.field) == (2, "announced") for item in found)


CELLS = st.sampled_from(
    ["cn-one", "2025-04-04", "0001-01-01", "9999-12-31T23:59Z", "day", "minute", "NA", "nickel", "", "x|y"]
)
LINES = st.lists(st.lists(CELLS, min_size=18, max_size=18).map(",".join), max_size=4)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        LINES.map(lambda lines: "\n".join([EVENT_HEADER, *lines]).encode()),
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_of_events_holds_faults_come_out_and_no_traceback(tmp_path, raw):
    path = events(tmp_path)
    path.write_bytes(raw)

    found = check_events(path)

    assert list(found) == sorted(found)
    assert all(item.message for item in (*found, *event_notes(path)))


@pytest.mark.parametrize("announced", ["0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_years_beyond_every_calendar_bring_no_traceback(tmp_path, announced):
    path = events(tmp_path, FIRST.replace("2025-04-04T10:00Z", announced), SECOND)

    assert event_notes(path) == ()
    assert check_events(path) == ()
