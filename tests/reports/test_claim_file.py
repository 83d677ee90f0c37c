"""A file of claims is read whole, or refused with every fault, its key and the mend."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.claim_file import FORMS, FOUNDING, Known, read_claims
from universes.catalog import facts, shipped_events
from universes.errors import BadData

PAGE = (Path(__file__).parents[2] / "docs" / "claims.md").read_text("utf-8")
KNOWN = Known(
    symbols=frozenset({"MP", "REMX"}), events=frozenset({"us-vault"}), minerals=frozenset({"lithium"})
)
SHIPPED = Known(
    symbols=frozenset(row.symbol for row in facts().listings),
    events=frozenset(row.event for row in shipped_events()),
    minerals=frozenset(row.mineral for row in facts().minerals),
)
HEAD = 'title = "An article"\nas_of = 2026-02-03\n'
JUDGED = 'judgement = "why"\n'


def claim(*lines: str, name: str = "one") -> str:
    return f'[[claim]]\nid = "{name}"\nsays = "It does."\n' + "\n".join(lines) + "\n"


@pytest.fixture
def read(tmp_path):
    """Reads a text as a file of claims."""

    def run(text: str | bytes, as_of=None, known=KNOWN):
        path = tmp_path / "a.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_claims(path, known, as_of)

    return run


def faults(read, text, **more) -> list[str]:
    """Key and message of every fault, without the file."""
    with pytest.raises(BadData) as caught:
        read(text, **more)
    assert all(fault.file.endswith("a.toml") and "\n" not in str(fault) for fault in caught.value.faults)
    return [f"{fault.field}: {fault.message}" for fault in caught.value.faults]


def test_values_are_read_as_what_they_mean(read):
    found = read(
        HEAD
        + claim('move = "MP"', "date = 2026-02-02", "least = 0.12", "most = 1")
        + claim('study = "kind=="', name="two").replace('"kind=="', "\"kind=='tariff'\"")
        + 'window = "0:20"\nat_least = 0\n'
    )

    move, study = (item.checks[0] for item in found.claims)
    assert (move.kind, move.values) == (
        "move",
        {"move": "MP", "date": date(2026, 2, 2), "least": 0.12, "most": 1.0},
    )
    assert (study.values["study"].text, study.values["window"]) == ("kind == 'tariff'", (0, 20))


def test_quoted_and_bare_dates_are_the_same(read):
    for day in ("2026-01-05", '"2026-01-05"'):
        text = HEAD + claim('event = "us-vault"', f"announced = [{day}, 2026-02-01]")
        assert read(text).claims[0].checks[0].values["announced"] == (date(2026, 1, 5), date(2026, 2, 1))


def test_a_check_keeps_its_own_date_and_the_option_replaces_that_of_the_file(read):
    text = (
        HEAD
        + claim('list = "us"', "least = 1", "as_of = 2019-01-01")
        + claim('list = "us"\nleast = 1', name="two")
    )

    def dates(**more):
        return [item.checks[0].values["as_of"].year for item in read(text, **more).claims]

    assert dates() == [2019, 2026]
    assert dates(as_of=date(2022, 5, 5)) == [2019, 2022]


def test_several_checks_stand_in_tables_of_their_own(read):
    text = HEAD + claim('[[claim.check]]\nlist = "us"\nleast = 1', f"[[claim.check]]\n{JUDGED}")

    assert [check.kind for check in read(text).claims[0].checks] == ["list", "judgement"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "one: there is no check: give one of filter, list, supply"),
        (("moove = 'MP'",), "one: there is no check; did you mean 'move'?"),
        (("list = 'us'", "least = 1", JUDGED), "one: list and judgement are 2 checks: put each into a [[claim.check]]"),
        (("list = 'us'",), "one.minerals: is missing: give minerals or least or most"),
        (("list = 'usa'", "least = 1"), "one.list: 'usa' is not a list; did you mean 'us'?"),
        (("list = 'us'", "minerals = ['litium']"), "one.minerals: 'litium' is not on record; did you mean 'lithium'?"),
        (("list = 'us'", "least = 9", "most = 8"), "one.most: 8 is below least, 9: swap them"),
        (("list = 'us'", "least = 2.5"), "one.least: 2.5 is not a whole number from 0 to 100000"),
        (("list = 'us'", "least = true"), "one.least: True is not a whole number from 0 to 100000"),
        (("list = 'us'", "leest = 2", "most = 3"), "one.leest: unknown key; did you mean 'least'?"),
        (("filter = 'stge > 1'", "symbol = 'MP'"), "did you mean 'stage'?"),
        (("filter = \"stage == 'pfs'\"", "symbol = 'MPP'"), "one.symbol: 'MPP' is not on record; did you mean 'MP'?"),
        (("filter = \"stage == 'pfs'\"", "symbol = 'MP'", "least = 1"), "one.least: excludes symbol: remove one"),
        (("event = 'us-vault'", "announced = [2026-02-02, 2026-02-01]"), "starts on 2026-02-02 and ends on 2026-02-01"),
        (("event = 'us-valt'", "announced = [2026-02-01, 2026-02-02]"), "one.event: 'us-valt' is not on record"),
        (("event = 'us-vault'", "least = 1"), "one.event: filter 'us-vault'"),
        (("move = 'MP'", "date = 2026-02-02", "least = 12"), "one.least: 12 is not a fraction from -1 to 10: write"),
        (("move = 'MP'", "date = 2026-02-02", "least = nan"), "one.least: nan is not a fraction"),
        (("move = 'MP'", "date = 2026-02-02T10:00:00Z", "least = 0"), "has a clock: write the date alone"),
        (("move = 'MP'", "date = '2026-02-30'", "least = 0"), "'2026-02-30' is not a day of the calendar"),
        (("move = 'MP'", "least = 0"), "one.date: is missing: give date or event"),
        (("move = 'MP'", "date = 2026-02-02", "event = 'us-vault'", "least = 0"), "one.event: excludes date"),
        (("move = 'MP'", "date = 2026-02-02", "high_of_months = 3", "window = 2"), "one.high_of_months: excludes"),
        (("study = \"kind == 'tarif'\"", "window = '0:1'", "at_least = 0"), "did you mean 'tariff'?"),
        (("study = \"kind == 'tariff'\"", "window = '1:5'", "at_least = 0"), "one.window: '1:5' is not a window"),
        (("study = \"kind == 'tariff'\"", "window = '0:61'", "at_least = 0"), "LAST from 0 to 60"),
        (("supply = 'lithium'", "step = 'melting'", "country = 'CN'", "least = 0.5"), "one.step: 'melting' is not one"),
        (("name = 3", "symbol = 'MP'"), "one.name: 3 is not a text: put it in quotes"),
        (("judgement = ' '",), "one.judgement: is empty and must be filled in"),
        (("check = 3",), "one.check: must be tables: begin each with a line [[claim.check]]"),
        (("least = 1", "[[claim.check]]", JUDGED), "one.least: stands beside [[claim.check]]"),
        (("[[claim.check]]", "list = 'us'"), "one.check 1.minerals: is missing"),
    ],
)  # fmt: skip
def test_a_fault_names_its_key_and_the_mend(read, lines, said):
    (fault,) = faults(read, HEAD + claim(*lines))

    assert said in fault


def test_all_faults_of_a_file_come_together(read):
    text = (
        'titel = "x"\n'
        + claim("list = 'us'", "least = -1")
        + claim("move = 'MPP'", "date = 2026-02-02", "least = 12")
    )

    assert [line.partition(":")[0] for line in faults(read, text)] == [
        "titel",
        "title",
        "one.least",
        "one.as_of",
        "one.least",
        "one.move",
        "one.id",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "claim: there is none: begin each claim with a line [[claim]]"),
        (HEAD + "claim = 3", "claim: there is none"),
        ("title = ", "not TOML: "),
        (b"title = '\xff'", "byte 0xff is not UTF-8: save as UTF-8"),
        ("a = " + "[" * 30_000, "not"),
        ("a = " + "1" * 5_000, "not TOML: "),
        (b"#" * 1_100_000, "1100000 bytes; it may have 1048576: split it"),
    ],
)
def test_a_file_that_is_no_file_of_claims_is_refused(read, text, said):
    assert said in faults(read, text)[0]


@pytest.mark.parametrize(
    ("name", "said"), [("none.toml", "No such file"), (".", "not a file: name a TOML file")]
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, said):
    with pytest.raises(BadData, match=said):
        read_claims(tmp_path / name, KNOWN)


WORDS = [
    "id",
    "says",
    "check",
    "list",
    "least",
    "as_of",
    "event",
    "move",
    "name",
    "judgement",
    "minerals",
    "\u202e",
]
VALUES = st.recursive(
    st.integers() | st.floats() | st.booleans() | st.text(max_size=9) | st.dates(),
    st.lists,
    max_leaves=4,
)


def as_toml(value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, str):
        return (
            '"' + "".join(f"\\U{ord(sign):08x}" for sign in value if not 0xD800 <= ord(sign) < 0xE000) + '"'
        )
    return str(value).lower() if isinstance(value, bool | float) else str(value)


@given(st.lists(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=5), max_size=3))
@example([{"\u202e": 1}])
def test_whatever_a_file_holds_it_is_read_or_refused_in_single_lines(tmp_path_factory, tables):
    path = tmp_path_factory.mktemp("claims", numbered=True) / "a.toml"
    text = HEAD + "".join(
        "[[claim]]\n" + "".join(f"{as_toml(key)} = {as_toml(value)}\n" for key, value in table.items())
        for table in tables
    )
    path.write_text(text, "utf-8")

    said, found = outcome(path)

    assert all(str(fault).isprintable() for fault in said)
    assert said or all(item.checks for item in found.claims)


def outcome(path):
    """Faults of a file and what was read of it; one of the two is empty."""
    try:
        return (), read_claims(path, KNOWN)
    except BadData as error:
        return error.faults, None


def test_the_shipped_claims_read_and_know_their_names():
    found = read_claims(FOUNDING, SHIPPED)

    assert 20 <= len(found.claims) <= 40
    assert {check.kind for item in found.claims for check in item.checks} == set(FORMS)


def test_the_page_has_every_key_of_every_check_and_no_other():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", PAGE, flags=re.MULTILINE)
    documented = {kind: set(re.findall(r"`(\w+)`", keys)) | {kind} for kind, keys in rows if kind in FORMS}

    assert documented == {kind: set(form.keys) for kind, form in FORMS.items()}


def test_the_example_of_the_page_reads(read):
    (example_,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)

    assert len(read(example_, known=SHIPPED).claims) == 3
