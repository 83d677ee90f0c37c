"""docs/sources.md: its script runs, its commands exist, its outcomes are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from screener.cli import main
from universes.fetching import OUTAGE, WAITS, Outcome
from universes.plugins import names

PAGE = (Path(__file__).parent.parent / "docs" / "sources.md").read_text("utf-8")


def test_a_source_of_ones_own_is_the_ten_lines_of_the_page(capsys):
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)

    exec(compile(script, "docs/sources.md", "exec"), {})

    assert "<Market flat: " in capsys.readouterr().out


def test_the_outcomes_and_the_waits_are_those_of_the_code():
    table = PAGE.partition("| outcome |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE) == [item.value for item in Outcome]
    assert [f"{wait:g}" for wait in WAITS] == re.findall(
        r"\d+", table.partition("said 429 | ")[2].partition("seconds")[0]
    )
    assert OUTAGE == 5
    assert "five symbols in a" in table


def test_every_source_is_on_the_page():
    assert set(re.findall(r"^\| `([a-z]+)[`:]", PAGE, flags=re.MULTILINE)) >= set(names("universes.sources"))


def test_every_command_of_the_page_has_help():
    for words in re.findall(r"^lodestone ((?:prices )?[a-z]+)", PAGE, flags=re.MULTILINE):
        assert CliRunner().invoke(main, [*words.split(), "--help"]).exit_code == 0, words
