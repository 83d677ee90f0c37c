"""docs/tearsheet.md: its sections are those of the page, its commands and its own section run, its tests exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import handmade
import pytest
from click.testing import CliRunner
from markup import Tree

from reports.section import sections
from screener.cli import main
from strategies.run_folder import save_run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tearsheet.md").read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs and the section of one's own, by the names of the page."""
    made = tmp_path_factory.mktemp("docs")
    save_run(handmade.result(), made / "pullback")
    save_run(handmade.result("chase", seed=3), made / "chase")
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (made / "weekdays.py").write_text(script, "utf-8")
    return made


def test_every_section_is_on_the_page_by_title_and_name_in_the_order_of_the_page():
    told = re.findall(r"^\| ([^|]+) \| `([a-z_]+)` \|", PAGE, flags=re.MULTILINE)

    assert told == [(section.title, name) for name, section in sections()]


def test_every_command_of_the_page_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    lines = [line for line in PAGE.splitlines() if line.startswith("lodestone ")]
    assert len(lines) == 6
    for line in lines:
        done = CliRunner().invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0, (line, done.stderr)

    found = Tree((folder / "tearsheet.html").read_text("utf-8"))
    assert "weekdays" in [attrs["id"] for attrs in found.all("section")]
    assert "Nobody should enter on a Friday without a reason." in found.text


def test_every_test_and_picture_that_the_page_names_is_there():
    tests = (ROOT / "tests" / "reports" / "test_quantstats_export.py").read_text("utf-8")

    for name in re.findall(r"`(test_[a-z_]+)`", PAGE):
        assert f"def {name}(" in tests, name
    for picture in re.findall(r"\]\(([^)]+\.png)\)", PAGE):
        assert (ROOT / "docs" / picture).exists(), picture
