"""The page in a real browser: nothing in the console, every chart with its marks, hostile names inert."""

from __future__ import annotations

import re
import shutil
import subprocess

import handmade
import pytest
from markup import Tree

import reports

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Document after the scripts ran, and what the browser said, for a page full of hostile names."""
    folder = tmp_path_factory.mktemp("chromium")
    target = reports.tearsheet(
        handmade.result(said=handmade.HOSTILE), folder / "page.html", title=handmade.HOSTILE
    )
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom")
    still = (f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=8000", "--window-size=1280,900")
    done = subprocess.run(
        [str(CHROMIUM), *flags, *still, target.as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    return done.stdout, done.stderr


def test_the_console_stays_silent(opened):
    _, log = opened

    assert [line for line in log.splitlines() if "CONSOLE" in line] == []


def test_every_chart_has_marks(opened):
    document, _ = opened

    # Equity: three curves, twelve events; drawdown one curve; ten bars; the path one curve and sixteen points.
    assert document.count('class="js-line"') >= 5
    assert len(re.findall(r'class="point"', document)) >= 12 + 10 + 16


def test_hostile_names_are_shown_and_not_run(opened):
    document, _ = opened
    found = Tree(document)

    assert found.all("img") == []
    assert f"LYC{handmade.HOSTILE}" in found.text
    assert {attrs["href"][:1] for attrs in found.all("a")} == {"#"}
