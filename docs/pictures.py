"""Pictures of the pages in docs/, of one run on the simulated market: `make pictures`, some two minutes.

Needs Debian's chromium and the packages of the extra `dev`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
RUN = [
    "backtest", "pullback", "--events", "kind == 'export-control'", "--where", "score >= 60",
    "-p", "depth=0.10", "-p", "hold=20", "--placebo", "200", "--out", "pullback",
]  # fmt: skip
REPORT = ["report", "pullback", "-o", "ours.html", "--quantstats", "theirs.html"]
DESK, PHONE = (1280, 900), (375, 812)
# Name of the picture, page, window, colours, and the part that is shown: an element, or the first screen.
SHOTS = (
    ("tearsheet", "ours", DESK, "light", ""),
    ("tearsheet-dark", "ours", DESK, "dark", "#equity"),
    ("tearsheet-phone", "ours", PHONE, "light", ""),
    ("tearsheet-chance", "ours", DESK, "light", "#chance"),
    ("tearsheet-quantstats", "theirs", DESK, "light", ""),
)


def main() -> None:
    """Run, report, and take every picture into the folder of this file."""
    with tempfile.TemporaryDirectory() as folder:
        for words in (RUN, REPORT):
            command = [str(Path(sys.executable).parent / "lodestone"), *words]
            # With a ledger of its own, so that the page counts this one set.
            subprocess.run(command, cwd=folder, env=os.environ | {"LODESTONE_DATA": folder}, check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for shot in SHOTS:
                _take(browser, Path(folder), *shot)


def _take(
    browser: Browser, folder: Path, name: str, page: str, window: tuple[int, int], colours: str, part: str
) -> None:
    width, height = window
    opened = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
    opened.goto((folder / f"{page}.html").as_uri())
    if page == "theirs":
        # Our note on its deviations stands before the page itself, which is what is compared.
        opened.evaluate("document.querySelector('aside').remove()")
    target = HERE / f"{name}.png"
    if part:
        opened.locator(part).screenshot(path=target)
    else:
        opened.screenshot(path=target)
    opened.close()


if __name__ == "__main__":
    main()
