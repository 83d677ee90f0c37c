"""A real browser for tests: pages opened with an ear on all that goes wrong, and what they draw."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MENDS = {
    "no Chromium here: apt-get install chromium": CHROMIUM is None,
    "no Playwright here: pip install '.[dev]'": find_spec("playwright") is None,
    "no axe-core here: pip install '.[dev]'": find_spec("axe_playwright_python") is None,
}
MISSING = [mend for mend, missing in MENDS.items() if missing]
needed = pytest.mark.skipif(bool(MISSING), reason="; ".join(MISSING))

PATIENCE = 15_000
INSIDE = ("file:", "data:", "blob:")
LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
"""
DRAWN = (
    "() => [...document.querySelectorAll('[data-figure]')].every((box) => box.querySelector('svg.main-svg'))"
)
# Playwright's own wait evaluates a text in the page, which the page's policy refuses.
UNTIL = """async ({ patience, arg }) => {
  const holds = %s;
  const end = performance.now() + patience;
  while (!holds(arg) && performance.now() < end) await new Promise(requestAnimationFrame);
  return holds(arg);
}"""
# What plotly draws for data, whatever the kind of trace; axes, grid, legend and lines of a layout are none of it.
MARKS = """() => [...document.querySelectorAll("[data-figure]")].map((box) => {
  const drawn = [...box.querySelectorAll(".cartesianlayer .mlayer :is(path, image)")].filter((mark) => {
    const size = mark.getBoundingClientRect();
    const described = mark.getAttribute(mark.tagName === "image" ? "href" : "d");
    return described && size.width + size.height > 0 && getComputedStyle(mark).visibility === "visible";
  });
  const size = box.querySelector("svg.main-svg").getBoundingClientRect();
  return { name: box.dataset.figure, marks: drawn.length, width: size.width, height: size.height };
})"""


WCAG_A_AND_AA = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}
# Those of them that look at colours; the others find in the dark what they find in the light.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


class Opened:
    """A page of a file, and whatever it said, asked for or popped up that it should not have."""

    def __init__(self, context, target):
        self.wrong = []
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(LISTEN)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("dialog", self._popped)
        self.page.goto(target.as_uri())

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(f"console {message.type}: {message.text}")

    def _asked(self, request):
        if not request.url.startswith(INSIDE):
            self.wrong.append(f"request: {request.url}")

    def _popped(self, dialog):
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def refused(self):
        """Directives of the page's policy that something ran into."""
        return self.page.evaluate("refused")

    def charts(self):
        """Name, size and number of drawn marks of each."""
        return self.page.evaluate(MARKS)


@contextmanager
def chromium():
    """The browser itself, for as long as a module needs it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@contextmanager
def opened(browser, target, *, width=1280, height=900, **more):
    """A file in a profile of its own, every chart drawn."""
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, reduced_motion="reduce", **more)
    found = Opened(context, target)
    if more.get("java_script_enabled", True):
        until(found.page, DRAWN)
    yield found
    context.close()


def until(page, holds, arg=None):
    """Wait for a function of the page to be true."""
    assert page.evaluate(UNTIL % holds, {"patience": PATIENCE, "arg": arg}), f"never came true: {holds}"


def breaches(page, rules):
    """Elements that break rules of axe-core, whatever is folded unfolded first."""
    from axe_playwright_python.sync_playwright import Axe

    fold = "(open) => document.querySelectorAll('details').forEach((item) => { item.open = open; })"
    page.evaluate(fold, True)
    # Rows of a table are made alike: a dozen stand for all.
    context = {"exclude": [["tbody tr:nth-child(n + 13)"]]}
    answer = Axe().run(page, context, {"runOnly": rules, "resultTypes": ["violations"]}).response
    page.evaluate(fold, False)
    assert answer["passes"]
    return [f"{rule['id']}: {node['html'][:300]}" for rule in answer["violations"] for node in rule["nodes"]]
