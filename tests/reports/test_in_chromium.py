"""The page in a real browser: silent, drawn, readable in every colour and size, printable, and used by keyboard."""

from __future__ import annotations

import csv
import json
import re
import struct
import zlib
from contextlib import contextmanager
from dataclasses import replace

import browser
import handmade
import pytest

import reports

pytestmark = browser.needed

SCREENS = ("light", "dark", "phone")
# Width of a page of A4 less its margins, in CSS pixels.
SHEET = 672

COLOURS = """() => {
  const paper = [document.body, document.documentElement].map((item) => getComputedStyle(item).backgroundColor);
  const texts = [...document.querySelectorAll("[data-figure] :is(.xtick, .ytick) text")];
  return {
    paper: paper.find((colour) => colour !== "rgba(0, 0, 0, 0)"),
    ink: getComputedStyle(document.body).color,
    charts: [...new Set(texts.map((item) => getComputedStyle(item).fill))],
  };
}"""
TOO_WIDE = """() => {
  const scrolls = (item) => item !== document.body
    && (/auto|scroll/.test(getComputedStyle(item).overflowX) || scrolls(item.parentElement));
  return [...document.body.querySelectorAll("*")].filter((item) => {
    const box = item.getBoundingClientRect();
    const inside = item.parentElement.closest("svg") || scrolls(item.parentElement);
    return !inside && box.width > 0 && box.right > innerWidth + 1;
  }).map((item) => item.outerHTML.slice(0, 120));
}"""
# How far down a box is painted: to its own end, or to that of what overflows it.
OVERLAPS = """() => {
  const shown = (item) => item.checkVisibility()
    && !["absolute", "fixed"].includes(getComputedStyle(item).position);
  const extent = (item) => {
    const { left, right, top, bottom } = item.getBoundingClientRect();
    const own = { left, right, top, bottom };
    if (getComputedStyle(item).overflowY !== "visible") return own;
    for (const child of [...item.children].filter(shown)) own.bottom = Math.max(own.bottom, extent(child).bottom);
    return own;
  };
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const told = (item) => item.outerHTML.slice(0, 90);
  const found = [];
  for (const parent of document.querySelectorAll("body, main, section, figure, .cards")) {
    const boxes = [...parent.children].filter(shown).map((item) => ({ item, box: extent(item) }));
    for (const [at, one] of boxes.entries()) {
      for (const other of boxes.slice(at + 1)) {
        if (meet(one.box, other.box)) found.push([told(one.item), told(other.item)]);
      }
    }
  }
  return found;
}"""
CUT = """() => [...document.querySelectorAll(".scroll")]
  .filter((box) => box.checkVisibility() && box.scrollHeight > box.clientHeight + 1)
  .map((box) => `${box.outerHTML.slice(0, 120)}: ${box.scrollHeight} > ${box.clientHeight}`)"""
FROM_THE_TOP = """() => {
  history.replaceState(null, "", location.pathname);
  scrollTo(0, 0);
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""


@pytest.fixture(scope="module")
def launched():
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A page with a table so long that it scrolls in a box of its own on a screen."""
    base = handmade.result()
    trades = handmade.trade_table(45, base.equity.index, base.events, 7)
    facts, orders = handmade.trade_facts(trades), handmade.order_table(trades)
    made = replace(base, trades=trades, trade_facts=facts, orders=orders)
    return reports.tearsheet(made, tmp_path_factory.mktemp("chromium") / "page.html")


@pytest.fixture(scope="module")
def light(launched, target):
    with browser.opened(launched, target, color_scheme="light") as found:
        yield found


@pytest.fixture(scope="module")
def dark(launched, target):
    with browser.opened(launched, target, color_scheme="dark") as found:
        yield found


@pytest.fixture(scope="module")
def phone(launched, target):
    with browser.opened(launched, target, color_scheme="light", width=375, height=700) as found:
        yield found


@contextmanager
def on_paper(page):
    """The page as a sheet of A4 would show it, its charts drawn as for the printer; then the screen again."""
    before = page.viewport_size
    page.set_viewport_size({"width": SHEET, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    try:
        yield page
    finally:
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen")
        page.set_viewport_size(before)


@pytest.mark.parametrize("screen", SCREENS)
def test_every_chart_has_marks_in_it(screen, request):
    charts = request.getfixturevalue(screen).charts()

    assert len(charts) >= 4
    assert [item for item in charts if not item["marks"] or min(item["width"], item["height"]) < 100] == []


def test_in_the_dark_paper_ink_and_charts_change_places(light, dark):
    day, night = light.page.evaluate(COLOURS), dark.page.evaluate(COLOURS)

    assert brightness(day["paper"]) > 0.8 > 0.2 > brightness(day["ink"])
    assert brightness(night["ink"]) > 0.8 > 0.2 > brightness(night["paper"])
    for charts in (day["charts"], night["charts"]):
        assert len(charts) >= 1
    assert all(brightness(colour) < 0.5 for colour in day["charts"])
    assert all(brightness(colour) > 0.5 for colour in night["charts"])


def test_charts_are_drawn_anew_when_the_colours_change_while_the_page_is_open(light, dark):
    day, night = light.page.evaluate(COLOURS), dark.page.evaluate(COLOURS)
    light.page.emulate_media(color_scheme="dark")
    told = f"(wanted) => JSON.stringify(({COLOURS})()) === wanted"

    try:
        browser.until(light.page, told, as_json(night))
    finally:
        light.page.emulate_media(color_scheme="light")
    browser.until(light.page, told, as_json(day))


def as_json(content):
    return json.dumps(content, separators=(",", ":"))


def brightness(colour):
    """Of ``rgb(r, g, b)``, from 0 to 1."""
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 765


@pytest.mark.parametrize("width", [375, 320])
def test_on_a_phone_nothing_is_wider_than_the_screen_but_inside_a_box_that_scrolls(phone, width):
    page = phone.page
    page.set_viewport_size({"width": width, "height": 700})
    browser.until(
        page,
        "() => [...document.querySelectorAll('svg.main-svg')].every((item) => item.clientWidth <= innerWidth)",
    )

    assert page.evaluate("innerWidth") == width
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_on_sheets_of_a4(light):
    made = light.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", made)

    assert made.startswith(b"%PDF")
    assert len(boxes) >= 2
    assert all(abs(float(wide) - 595) < 1.5 and abs(float(high) - 842) < 1.5 for wide, high in boxes)


def test_on_paper_no_table_is_cut_and_nothing_lies_on_anything_else(light):
    with on_paper(light.page) as page:
        assert page.evaluate(CUT) == []
        assert page.evaluate(OVERLAPS) == []


def test_on_paper_there_is_nothing_to_press_or_to_type_in(light):
    with on_paper(light.page) as page:
        for what in (".filter", "nav", "details.twin", ".skip"):
            assert page.locator(what).count() > 0
            assert page.locator(f"{what} >> visible=true").count() == 0


def test_screenshots_show_light_dark_phone_and_print(light, dark, phone, tmp_path):
    phone.page.set_viewport_size({"width": 375, "height": 700})
    for name, found in (("light", light), ("dark", dark), ("phone", phone)):
        found.page.screenshot(path=tmp_path / f"{name}.png")
    with on_paper(light.page) as page:
        page.screenshot(path=tmp_path / "print.png")
    made = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}

    assert {name: size(image) for name, image in made.items()} == {
        "light": (1280, 900),
        "dark": (1280, 900),
        "phone": (375, 700),
        "print": (SHEET, 1000),
    }
    assert len(set(made.values())) == 4
    assert all(shades(image) > 50 for image in made.values())


def size(png):
    return struct.unpack(">II", png[16:24])


def shades(png):
    """How many different bytes its picture has: a blank one has next to none."""
    at, picture = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        picture += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return len(set(zlib.decompress(picture)))


def test_the_first_tab_reaches_the_link_that_skips_to_the_content(light):
    page = light.page
    page.evaluate(FROM_THE_TOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')")
    assert page.locator(".skip").bounding_box()["x"] >= 0

    page.keyboard.press("Enter")
    browser.until(page, "() => Math.abs(document.querySelector('#content').getBoundingClientRect().top) < 60")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#content') !== null")


def first_filter(page):
    """The first field that is seen, and the rows of its table."""
    field = page.locator(".filter input >> visible=true").first
    box = field.locator("xpath=ancestor::*[contains(@class, 'filter')]/following-sibling::*[1]")
    return field, box


def focused(item):
    return item.evaluate("(item) => item === document.activeElement")


def tab_to(page, item):
    for _ in range(10):
        if focused(item):
            return
        page.keyboard.press("Tab")
    assert focused(item)


PLAIN = re.compile(r"[+−-]?[\d,]+(\.\d+)?(\s?(%|bp|×))?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def comparable(texts):
    """Numbers or dates of a column of them, in their order; nothing of a column of words."""
    texts = [text for text in texts if re.match(r"[+−-]?\d", text)]
    if all(map(DATE.fullmatch, texts)):
        return texts
    if all(map(PLAIN.fullmatch, texts)):
        return [float(re.sub(r"[^\d.-]", "", text.replace("−", "-"))) for text in texts]
    return []


def test_a_heading_reached_and_pressed_by_keyboard_sorts_up_and_then_down(light):
    page = light.page
    field, box = first_filter(page)
    buttons = box.locator("thead button")
    field.focus()
    tab_to(page, buttons.first)
    checked = 0
    for at in range(buttons.count()):
        for order in ("ascending", "descending"):
            page.keyboard.press("Enter")
            marked = box.locator("thead th").evaluate_all("(cells) => cells.map((cell) => cell.ariaSort)")
            assert [item for item in enumerate(marked) if item[1]] == [(at, order)]
            column = comparable(column_of(box, at))
            assert column == sorted(column, reverse=order == "descending")
            checked += len(set(column)) > 2
        page.keyboard.press("Tab")
        assert at == buttons.count() - 1 or focused(buttons.nth(at + 1))
    assert checked >= 6


def column_of(box, at):
    read = "(rows, at) => rows.map((row) => row.cells[at]?.textContent.trim() ?? '')"
    return box.locator("tbody tr").evaluate_all(read, at)


def test_typing_in_a_filter_leaves_the_rows_that_hold_the_words_and_says_how_many(light):
    page = light.page
    field, box = first_filter(page)
    texts = [text.lower() for text in box.locator("tbody tr").all_text_contents()]
    words = re.findall(r"[a-z]{3,}", " ".join(texts))
    word = next(word for word in words if not all(word in text for text in texts))
    wanted = [text for text in texts if word in text]
    field.focus()
    page.keyboard.type(word)

    seen = box.locator("tbody tr >> visible=true").all_text_contents()
    assert [text.lower() for text in seen] == wanted
    said = field.locator("xpath=ancestor::*[contains(@class, 'filter')]").locator("output").text_content()
    assert f"{len(wanted)} of {len(texts)} rows" in said

    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert box.locator("tbody tr >> visible=true").count() == len(texts)


def test_the_table_of_a_chart_is_unfolded_by_enter(light):
    twin = light.page.locator("details.twin").first
    twin.locator("summary").focus()
    light.page.keyboard.press("Enter")
    assert twin.locator("tbody tr").first.is_visible()

    light.page.keyboard.press("Enter")
    assert not twin.locator("tbody tr").first.is_visible()


@pytest.mark.parametrize(
    ("screen", "rules"), [("light", browser.WCAG_A_AND_AA), ("dark", browser.COLOURS)], ids=["light", "dark"]
)
def test_axe_finds_no_breach_of_wcag_2_a_or_aa(screen, rules, request):
    breaches = browser.breaches(request.getfixturevalue(screen).page, rules)

    assert not breaches, "\n".join(breaches)


def test_without_scripts_tables_are_there_and_charts_are_told_by_theirs(launched, target):
    with browser.opened(launched, target, java_script_enabled=False) as found:
        page = found.page
        twins = page.locator("details.twin")
        assert page.locator("main table >> visible=true").count() >= 5
        assert page.locator(".filter >> visible=true").count() == 0
        assert twins.count() >= 4
        for at in range(twins.count()):
            twin = twins.nth(at)
            twin.locator("summary").press("Enter")
            assert twin.locator("tbody").is_visible()
            assert re.search(r"\d", twin.locator("tbody").inner_text())


FOREIGN = """<img src=x onerror="document.title='PWNED'"><a href="javascript:document.title='PWNED'" id=trap>go</a>
<script>document.title='PWNED'</script><script src="data:text/javascript,document.title='PWNED'"></script>"""
REFUSED = {"img-src", "script-src-attr", "script-src-elem"}


@pytest.mark.parametrize("away", [False, True], ids=["inlined", "beside"])
def test_the_policy_of_the_page_refuses_every_script_that_is_not_its_own(launched, tmp_path, away):
    target = tmp_path / "page.html"
    reports.tearsheet(
        handmade.result(), target, sections=("verdict",), assets=tmp_path / "assets" if away else None
    )
    text = target.read_text("utf-8")
    assert text.count("</main>") == 1
    target.write_text(text.replace("</main>", f"{FOREIGN}</main>"), "utf-8")

    with browser.opened(launched, target) as found:
        found.page.locator("#trap").click()
        wanted = REFUSED - ({"img-src"} if away else set())
        browser.until(found.page, "(least) => refused.length >= least", len(wanted) + 1)
        assert set(found.refused()) >= wanted
        assert "PWNED" not in found.page.title()


# Last, so that it hears what the tests above made the page do.
def saved(page, section, path):
    with page.expect_download() as got:
        page.locator(f"#{section} .save").press("Enter")
    got.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_rows_are_saved_in_full_with_the_address_of_their_source_and_without_formulas(launched, tmp_path):
    base = handmade.result()
    named = replace(base, trades=base.trades.assign(symbol="=1+1", pnl=-107296.123))
    target = reports.tearsheet(named, tmp_path / "page.html", sections=("events", "trades"))
    with browser.opened(launched, target, color_scheme="light") as found:
        trades = saved(found.page, "trades", tmp_path / "trades.csv")
        events = saved(found.page, "events", tmp_path / "events.csv")

    assert len(trades) == 30
    # An apostrophe keeps a spreadsheet from running it; a number below zero is none of that.
    assert (trades[0]["Symbol"], trades[0]["P&L, USD"]) == ("'=1+1", "-107296.123")
    assert float(trades[0]["Return"]) == pytest.approx(base.trades["return"].iloc[0])
    assert events[0]["Title and source"].endswith(" https://example.org/notice/1")
    assert (events[-1]["Trades"], events[-1]["Return"]) == ("0", "")


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_said_asked_for_or_refused(screen, request):
    found = request.getfixturevalue(screen)

    assert found.wrong == []
    assert found.refused() == []
