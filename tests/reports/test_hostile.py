"""200 hostile names, titles and parameters: no new element, no script run, and each stands there as text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import browser
import handmade
import pandas as pd
import pytest
from hostile import AWAY, FAMILIES, IDS, PAYLOADS
from markup import Tree

from reports.page import page
from reports.subjects import ClaimsRecord, ScreenRecord, StudyRecord, SweepRecord

# Harmless names in the order of the payloads: what is sorted by name then lies in the same row of either page.
RANKS = {payload: rank for rank, payload in enumerate(sorted(PAYLOADS))}
HARMLESS = tuple(f"a name {RANKS[payload]:03d}" for payload in PAYLOADS)
# Depth and name of every element.
OUTLINE = """(text) => {
  const below = (item, depth) => [...item.children].flatMap((child) => walk(child, depth + 1));
  const walk = (item, depth) => [`${depth} ${item.localName}`, ...below(item, depth)];
  return walk(new DOMParser().parseFromString(text, "text/html").documentElement, 0).join();
}"""
# Elements, attributes and links that no page of ours has.
STRANGE = """() => [...document.querySelectorAll("*")].filter((item) =>
  /^(img|iframe|object|embed|form|base|video|audio|source|math|template|frame|marquee)$/.test(item.localName)
  || [...item.attributes].some((attribute) => /^on|^srcdoc|^formaction/.test(attribute.name))
  || (item.localName === "a" && !/^#/.test(item.getAttribute("href") ?? item.getAttribute("xlink:href") ?? ""))
).map((item) => item.outerHTML.slice(0, 120))"""
PRESS_ALL = """(text) => {
  for (const item of document.querySelectorAll("details")) item.open = true;
  for (const item of document.querySelectorAll("thead button")) item.click();
  for (const item of document.querySelectorAll(".filter input")) {
    for (const typed of [text, ""]) {
      item.value = typed;
      item.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}"""
RECORDED = """() => [...document.querySelectorAll("script[type='application/json']")]
  .map((island) => JSON.parse(island.textContent).parameters).filter(Boolean)
  .flatMap((parameters) => Object.entries(parameters))"""
# A hover is shown some frames after it is asked for, by its trace of that name.
HOVER = """async (wanted) => {
  const plain = (text) => new DOMParser().parseFromString(text, "text/html").body.textContent;
  const found = {};
  for (const box of document.querySelectorAll("[data-figure]")) {
    const shown = () => box.querySelector(".hoverlayer")?.textContent ?? "";
    for (const [curveNumber, trace] of box.data.entries()) {
      const name = plain(trace.name ?? "");
      if (trace.mode !== "markers" || !wanted.includes(name)) continue;
      Plotly.Fx.hover(box, [{ curveNumber, pointNumber: 0 }]);
      for (let frame = 0; frame < 60 && !shown().includes(name); frame += 1) await new Promise(requestAnimationFrame);
      found[name] = shown();
    }
  }
  return found;
}"""
ABOUT = {"kind": "real", "source": "facts", "hash": "9f86d081"}


@cache
def base():
    return handmade.result()


@cache
def with_names(said):
    """A page without charts, hence quick: one text as title, in every name, as name and value of a parameter."""
    unfilled = handmade.unfilled_table(base().equity.index, said)
    named = replace(base(), unfilled=unfilled, parameters={said: said})
    return page([named], title=said, sections=("unfilled", "provenance"))


def spoken(text):
    """As the page prints it: names of parameters without underscores, none with space around it."""
    return text.replace("_", " ").strip()


def skeleton(tree):
    """Elements and their attributes, but for classes: a cell that says ``n/a:`` is set as one, whoever says it."""
    return [(depth, tag, [name for name in names if name != "class"]) for depth, tag, names in tree.elements]


def crowd(names):
    """A result with a row a name, whatever the table, and all of them at once in every sentence."""
    everything = " ¦ ".join(names)
    base = handmade.result(said=everything)
    sessions = base.equity.index
    events = handmade.event_table(len(names))
    days = pd.date_range(sessions[0], sessions[-1], periods=len(names)).strftime("%Y-%m-%dT23:59Z")
    trades = handmade.trade_table(len(names), sessions, events.assign(announced=days), 7)
    trades = trades.assign(event=names, symbol=names, exit_reason=names)
    unfilled = pd.concat([base.unfilled.iloc[:1]] * len(names), ignore_index=True)
    return replace(
        base,
        strategy=everything,
        parameters=dict(zip(names, names, strict=True)),
        settings=base.settings | dict(zip(names, names, strict=True)) | {"benchmark": everything},
        events=events.assign(announced=days, event=names, kind=names, title=names, source=names),
        trades=trades,
        trade_facts=handmade.trade_facts(trades).assign(jurisdiction=names, kind=names, mineral=names),
        orders=handmade.order_table(trades),
        # What stands before a colon is counted together.
        unfilled=unfilled.assign(
            symbol=names, event=names, reason=[f"no. {at} {name}" for at, name in enumerate(names)]
        ),
    )


def of_study(names):
    everything = " ¦ ".join(names)
    made = handmade.study(everything)
    groups = {name: {"firm_events": 8, "window": handmade.window(0, 1)} for name in names}
    dropped = [{"event": name, "symbol": name, "reason": name} for name in names]
    made |= {"groups": groups, "dropped": dropped, "grade": everything}
    return StudyRecord(made, made["settings"] | {"warnings": names}, made["data"])


def of_screen(names):
    rows = [
        {"symbol": name, "name": name, "rank": at, "score": 90 - at / 4, "contributions": {name: 1.0}, "unknown": []}
        | dict.fromkeys(("jurisdiction", "stage", "float_band", "mineral", "support"), name)
        for at, name in enumerate(names, start=1)
    ]  # fmt: skip
    rows = rows[:40] + [row | {"contributions": {}} for row in rows[40:]]
    dropped = [{"symbol": name, "reason": name, names[at % 20]: name} for at, name in enumerate(names)]
    return ScreenRecord(rows, dropped, {"universe": names, "where": names, "as_of": "2025-07-09"}, ABOUT)


def of_sweep(names):
    across, down = names[:100], names[100:]
    measures = {"closed": 40.0, "episodes": 9.0, "win_rate": 0.5, "sharpe": 0.4, "total_return": 0.1}
    rows = [{names[0]: one, names[1]: other, **measures} for one, other in zip(across, down, strict=True)]
    walked = {"sentence": " ".join(names), "columns": names[:5], "rows": [names[5:10]], "spec": names[9]}
    summary = {
        "verdict": " ".join(names),
        "refused": dict(zip(names, names, strict=True)),
        "walk_forward": walked,
    }
    settings = {"first": "2019-01-02", "last": "2024-12-31", "universe": names[2]}
    return SweepRecord(names[3], {names[0]: across, names[1]: down}, rows, summary, settings, ABOUT)


def of_claims(names):
    rows = [dict.fromkeys(("id", "says", "data", "verdict"), name) for name in names]
    return ClaimsRecord(rows, {"title": " ".join(names), "about": " ".join(names)}, ABOUT)


def test_there_are_200_of_them_and_no_two_are_alike():
    assert len(PAYLOADS) == len(set(PAYLOADS)) == len(IDS) == 200
    assert all(payload == payload.strip() != "" for payload in PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS, ids=IDS)
def test_as_title_name_and_parameter_it_makes_no_element_and_stands_as_text(payload):
    tree, harmless = Tree(with_names(payload)), Tree(with_names("harmless"))
    texts = Counter(map(spoken, tree.said))
    parameters = [island["parameters"] for island in tree.islands.values() if "parameters" in island]

    assert skeleton(tree) == skeleton(harmless)
    assert tree.running == harmless.running
    assert {spoken(f"SIMULATED: {payload}"), spoken(f"CCJ{payload}")} <= set(texts)
    # The heading, the name of the parameter, its value.
    assert texts[spoken(payload)] >= 3
    assert parameters == [{payload: payload}]


@cache
def full_page(make, names):
    return page([make(names)], title=" ¦ ".join(names))


@pytest.mark.parametrize("make", [crowd, of_study, of_screen, of_sweep, of_claims])
def test_all_of_them_on_one_page_of_any_kind_make_no_element_and_stand_as_text(make):
    hostile, harmless = (Tree(full_page(make, names)) for names in (PAYLOADS, HARMLESS))
    said = spoken("".join(hostile.said))

    assert skeleton(hostile) == skeleton(harmless)
    assert hostile.running == harmless.running
    assert [payload for payload in PAYLOADS if spoken(payload) not in said] == []
    assert {attrs["href"][:1] for attrs in hostile.all("a")} == {"#"}


@pytest.fixture(scope="module")
def launched():
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def opened(launched, tmp_path_factory):
    target = tmp_path_factory.mktemp("hostile") / "page.html"
    target.write_bytes(full_page(crowd, PAYLOADS).encode())
    with browser.opened(launched, target) as found:
        yield found


def parsed(text):
    """As a browser reads text of a page: no NUL, one kind of line end, here without space around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def on_one_line(text):
    """As plotly sets it."""
    return re.sub(r"\r\n|\r|\n", " ", text)


@browser.needed
def test_where_nothing_holds_them_they_do_run(launched, tmp_path):
    target = tmp_path / "page.html"
    target.write_text("".join(text for text in FAMILIES["element"] if AWAY not in text), "utf-8")
    with browser.opened(launched, target) as found:
        browser.until(found.page, "() => window.PWNED === 1")
        assert "dialog: 1" in found.wrong


@browser.needed
def test_the_parser_of_a_browser_sees_no_new_element_in_any_page(launched):
    tab = launched.new_page()
    harmless, crowded = (
        tab.evaluate(OUTLINE, text) for text in (with_names("harmless"), full_page(crowd, HARMLESS))
    )
    changed = [
        name
        for name, payload in zip(IDS, PAYLOADS, strict=True)
        if tab.evaluate(OUTLINE, with_names(payload)) != harmless
    ]

    assert changed == []
    assert tab.evaluate(OUTLINE, full_page(crowd, PAYLOADS)) == crowded


@browser.needed
def test_in_a_browser_each_stands_as_text_and_in_the_record(opened):
    cells = {text.strip() for text in opened.page.locator("td, th").all_text_contents()}
    recorded = opened.page.evaluate(RECORDED)

    assert [text for text in PAYLOADS if parsed(text) not in cells] == []
    assert sorted(recorded) == [[text, text] for text in sorted(PAYLOADS)]


@browser.needed
def test_legends_and_hover_show_them_letter_by_letter(opened):
    shown = set(opened.page.locator(".legendtext").all_text_contents())
    wanted = [*FAMILIES["chart"], *FAMILIES["entity"]]
    hovered = opened.page.evaluate(HOVER, wanted)

    assert [text for text in PAYLOADS if on_one_line(text) not in shown] == []
    assert set(hovered) == set(wanted)
    assert [text for text, said in hovered.items() if text not in said] == []


# Last, so that it hears what the tests above made the page do.
@browser.needed
def test_in_a_browser_nothing_runs_whatever_is_pressed(opened):
    tab = opened.page
    tab.evaluate(PRESS_ALL, PAYLOADS[0])
    running = len(Tree(full_page(crowd, HARMLESS)).running)

    assert tab.evaluate("[window.PWNED ?? null, Object.prototype.PWNED ?? null]") == [None, None]
    assert tab.title().startswith(f"SIMULATED: {PAYLOADS[0]}")
    assert tab.locator("script:not([type='application/json'])").count() == running
    assert tab.evaluate(STRANGE) == []
    assert opened.wrong == []
    assert opened.refused() == []
