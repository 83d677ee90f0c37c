"""Hostile and odd filters: each is refused, and leaves nothing behind."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import warnings

import pytest

from universes.errors import BadExpression
from universes.expression import Field, parse

FIELDS = (
    Field("mcap", "number", "market value"),
    Field("name", "text", "any text"),
    Field("linked", "flag", "yes or no"),
    Field("minerals", "set", "several"),
    Field("announced", "date", "day"),
    Field("stage", "ordered", "ladder", order=("pea", "pfs")),
)
SYSTEM = "__init__.__globals__['sys'].modules['os'].system('touch pwned')"
HOSTILE = [
    # What ran a shell or wrote a file through pandas.DataFrame.query.
    f"mcap > mcap.__class__.{SYSTEM}",
    "(mcap > 1) & (mcap.to_csv('pwned') != 7)",
    "mcap.to_csv('pwned') != 7",
    "@os.system('touch pwned')",
    "@pd.io.common.os.system('touch pwned') == 0",
    "@sys.modules['os'].system('touch pwned') == 0",
    "@pd.read_csv('pwned')",
    # Other filter languages: SQL and its tables.
    "1 == 1; touch pwned",
    "mcap > 1; COPY (SELECT 1) TO 'pwned'",
    "mcap > 1 -- comment",
    "SELECT * FROM read_text('/etc/passwd')",
    "mcap > 1 UNION SELECT * FROM settings",
    "name LIKE '%'",
    "mcap BETWEEN 1 AND 2",
    "name = '' or '1'='1'",
    # Calls and the way to them.
    "__import__('os').system('touch pwned')",
    "__import__('os')",
    "eval('1')",
    "exec('import os')",
    "compile('1', '', 'eval')",
    "open('pwned', 'w')",
    "open('pwned', 'w').write('x') > 0",
    "print(mcap) > 0",
    "getattr(mcap, 'real') > 0",
    "globals()['os']",
    "vars() == 1",
    "mcap(1) > 2",
    "'a'(1) == name",
    "(lambda: 1)() > 0",
    "breakpoint()",
    "name == input()",
    "mcap > len(minerals)",
    # Attributes and subscripts.
    "mcap.real > 0",
    "name.upper() == 'A'",
    "'{0.__class__}'.format(mcap) == name",
    "''.__class__.__mro__[1].__subclasses__() == name",
    "().__class__.__bases__[0] == name",
    "minerals[0] == 'a'",
    "name[0:1] == 'a'",
    "[1][0] > mcap",
    "[].append(1) is missing",
    "1 .real > mcap",
    "1..real > mcap",
    # Dunders are unknown fields.
    "__builtins__ == 1",
    "__debug__",
    "__name__ == '__main__'",
    "_ > 1",
    # Python beyond comparisons.
    "lambda: mcap",
    "lambda x: x > 1",
    "[x for x in minerals]",
    "any(x for x in minerals)",
    "{x for x in minerals}",
    "{'a': 1} == name",
    "{'a'} == minerals",
    "(mcap := 5) > 1",
    "mcap if linked else 1",
    "f'{mcap}' == name",
    "rf'{mcap}' == name",
    "F\"{__import__('os')}\" == name",
    "t'{mcap}' == name",
    "b'a' == name",
    "u'a' == name",
    "'a' 'b' == name",
    "'''a''' == name",
    '"""a""" == name',
    "name in ['a', *minerals]",
    "*minerals",
    "**mcap",
    "await mcap",
    "yield mcap",
    "import os",
    "import os; os.system('touch pwned')",
    "from os import system",
    "mcap = 5",
    "mcap: int",
    "...",
    "None",
    "mcap is None",
    "mcap is mcap",
    "name == None",
    "NotImplemented",
    "not",
    "and",
    "mcap and",
    "is missing",
    "missing",
    "missing is missing",
    "in minerals",
    # Numbers and signs that would bite.
    "9**9**9 > mcap",
    "9**9**7 > 1",
    "mcap // 2 > 1",
    "mcap % 2 == 0",
    "mcap @ mcap > 1",
    "mcap << 9 > 1",
    "mcap ^ 1 > 1",
    "~mcap > 1",
    "~linked",
    "1j > mcap",
    "mcap > 1e400",
    "mcap > 0x10",
    "mcap > 0b1",
    "mcap > 0o7",
    "mcap > 1_000",
    "mcap > ١",
    "mcap > 1if linked else 2",
    "mcap > 1and linked",
    "mcap > " + "9" * 400,
    "'a' * 3000000000 == name",
    "name * 999999999 == 'a'",
    "-'U' in minerals",
    "-name == 'a'",
    "not name",
    "linked + linked > 1",
    "announced - announced > 1",
    "minerals + minerals == 1",
    "minerals < minerals",
    "minerals in minerals",
    "mcap in minerals",
    "[] == []",
    "() == ()",
    "[[1]] == mcap",
    "mcap in [[1]]",
    "mcap in [(1)], 2",
    "mcap in (1, (2, 3))",
    "mcap, linked",
    "linked,",
    "()",
    "[]",
    # Bounds.
    "(" * 31 + "linked" + ")" * 31,
    "(" * 900 + "linked" + ")" * 900,
    "[" * 900 + "]" * 900,
    "(" * 1999,
    "not " * 499 + "linked",
    "-" * 1990 + "1 > 0",
    "+".join(["mcap"] * 90) + " > 0",
    " or ".join(["linked"] * 101),
    "mcap in [" + "1," * 300 + "1]",
    "linked or " * 300 + "linked",
    "linked" * 400,
    "mcap > 1" + " " * 2000,
    # Characters.
    "ｍｃａｐ > 1",
    "mсap > 1",
    "mcap\u00a0> 1",
    "mcap\u200b > 1",
    "\ufefflinked",
    "linked\n",
    "linked\nimport os",
    "linked\r",
    "linked\tand linked",
    "linked\x00",
    "\x00",
    "\x0clinked",
    "linked\u2028or linked",
    "name == '\ud800'",
    "name == '\u202e'",
    "name == 'a\\x00'",
    "name == '\\N{BULLET}'",
    "linked \\",
    "\\",
    "linked # comment",
    "# comment",
    "`mcap` > 1",
    "$mcap > 1",
    "mcap > 1 ?",
    "mcap ≥ 1",
    "name == “a”",
    "name == 'a",
    "name == a'",
    "'",
    '"',
    "!",
    "mcap ! 1",
    "mcap ==",
    "== mcap",
    "mcap == == mcap",
    "mcap not 1",
    "mcap not in",
    "mcap is not",
    "mcap < > 1",
    "mcap =! 1",
    ")",
    "(",
    ")(",
    "linked) or (linked",
    "(linked]",
    "",
    " ",
]


@pytest.fixture
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_enough_of_them_and_no_two_alike():
    assert len(HOSTILE) >= 70
    assert len(set(HOSTILE)) == len(HOSTILE)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_it_is_refused_in_one_line_that_points_into_it(text, empty_folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BadExpression) as caught:
            parse(text, FIELDS)

    assert len(str(caught.value).splitlines()) == 1
    assert 0 <= caught.value.position <= max(len(caught.value.text) - 1, 0)
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize("given", [None, True, 5, b"linked", ["linked"], {"a": 1}])
def test_what_is_no_text_is_refused(given):
    with pytest.raises(BadExpression, match="a filter is a text, not"):
        parse(given, FIELDS)


def test_no_filter_reaches_a_door_of_python(monkeypatch):
    def door(*args, **kwargs):
        raise AssertionError("a filter got out")

    for home, name in ((builtins, "eval"), (builtins, "exec"), (os, "system"), (subprocess, "Popen")):
        monkeypatch.setattr(home, name, door)

    refused = 0
    for text in HOSTILE:
        try:
            parse(text, FIELDS)
        except BadExpression:
            refused += 1
    assert refused == len(HOSTILE)


def test_reading_and_testing_raise_no_audit_event_but_that_of_the_parser():
    # Python tells an audit hook of every file, process, socket, import and run of code.
    code = (
        "import sys\n"
        "from universes.expression import Field, parse\n"
        "fields = [Field('mcap', 'number', ''), Field('minerals', 'set', '')]\n"
        "text = \"mcap / 2 > 1 and 'a' in minerals or mcap is missing\"\n"
        "parse(text, fields)\n"
        "seen = set()\n"
        "sys.addaudithook(lambda event, args: seen.add(event))\n"
        "parse(text, fields).test({'mcap': 4, 'minerals': {'a'}})\n"
        "found = seen.copy()\n"
        "print(*sorted(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) <= {"compile", "object.__getattr__", "object.__setattr__"}


@pytest.mark.parametrize("name", ["__class__", "_private", "os", "print", "match", "eval"])
def test_a_field_may_have_any_plain_name_and_is_only_looked_up_in_the_row(name):
    assert parse(f"{name} > 1", [Field(name, "number", "")]).test({name: 2}) is True


def test_a_constant_that_looks_like_code_is_only_text():
    text = "name == '__import__(1)' or name == '=cmd()' or name == '<script>'"

    assert parse(text, FIELDS).test({"name": "=cmd()"}) is True
