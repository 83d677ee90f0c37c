"""A study as the text that its command prints: grade and verdict, path, windows, groups, chance, what it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from strategies.grade import frequency, percent
from strategies.group_difference import SAME_DATES

if TYPE_CHECKING:
    from strategies.abnormal_volume import AbnormalVolume
    from strategies.evidence import Study
    from strategies.fragility import Share
    from strategies.placebo import Placebo
    from strategies.window_test import WindowTest

BARS = "▁▂▃▄▅▆▇█"
WINDOW_HEADS = ("episodes", "mean", "95 % interval", "median", "positive", "chance alone", "detectable")


def as_text(found: Study) -> str:
    """Everything a reader asks first, in sections divided by empty lines.

    Parameters
    ----------
    found : Study
        What `strategies.study` gives.
    """
    parts = [
        "\n".join(
            (f"{found.grade}: {found.verdict}", found.data["survivorship"]["statement"], *_warnings(found))
        ),
        _path(found),
        _table(
            ("window", *WINDOW_HEADS), [(f"{test.first}:{test.last}", *_test(test)) for test in found.windows]
        ),
        _table(("could it be chance?", "", ""), _chance(found)),
        _table(("what the mean hangs on", "", ""), _fragility(found)),
        _comparison(found, aware=True),
        _comparison(found, aware=False),
        _groups(found),
        _differences(found),
    ]
    return "\n\n".join(part for part in parts if part)


def sparkline(values: Sequence[float]) -> str:
    """One block character a value, from the lowest to the highest; a space where there is none."""
    known = [item for item in values if item == item]  # noqa: PLR0124
    if not known:
        return ""
    low, reach = min(known), max(known) - min(known)
    places = [(item - low) / reach if reach else 0.5 for item in known]
    blocks = iter(BARS[min(int(place * len(BARS)), len(BARS) - 1)] for place in places)
    return "".join(next(blocks) if item == item else " " for item in values)  # noqa: PLR0124


def odds(p: float | None) -> str:
    """How often chance alone gives as much: ``1 of 40``."""
    return "n/a" if p is None else frequency(p, "").strip().removeprefix("about ")


def _warnings(found: Study) -> list[str]:
    linked = found.chance.correlation
    evidence = "" if linked is None else f"; average correlation of the residuals {linked:+.3f}"
    return [f"Warning: {text}{evidence}" for text in found.settings["warnings"]]


def _path(found: Study) -> str:
    table = found.path
    if table.empty:
        return ""
    days, moved = table["day"].tolist(), table["cumulative"].tolist()
    peak = max(range(len(moved)), key=lambda at: abs(moved[at]))
    return (
        f"path, cumulated from day {days[0]} to day {days[-1]}: {sparkline(moved)}  "
        f"farthest {percent(moved[peak])} on day {days[peak]}, {percent(moved[-1])} at the end"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    from universes.rendering import as_table

    return as_table(heads, rows) if rows else ""


def _test(test: WindowTest) -> tuple[Any, ...]:
    interval = "n/a" if test.low is None else f"{percent(test.low)} to {percent(test.high)}"
    return (
        test.episodes,
        percent(test.mean),
        interval,
        percent(test.median),
        _unsigned(test.positive),
        odds(test.p),
        _unsigned(test.detectable),
    )


def _unsigned(value: float | None) -> str:
    return percent(value, signed=False)


def _chance(found: Study) -> list[tuple[str, str, str]]:
    chance, primary = found.chance, found.windows[0]
    flip, adjusted = chance.sign_flip, chance.adjusted[primary.first, primary.last]
    counted = "all patterns of signs" if flip.exact else f"{flip.flips:,} patterns of signs"
    ratio = chance.variance.ratio
    return [
        ("episodes with the other sign", odds(flip.p), flip.reason or counted),
        ("random calendars", *_calendars(chance.placebo)),
        ("  of days as volatile before", *_calendars(chance.matched)),
        (
            f"allowing for {len(chance.adjusted)} windows",
            odds(adjusted if adjusted == adjusted else None),  # noqa: PLR0124
            "largest of all windows, signs flipped by episode",
        ),
        (
            "variance against ordinary days",
            "n/a" if ratio is None else f"{ratio:.1f} ×",
            chance.variance.reason or f"as large in {odds(chance.variance.p)} if nothing had changed",
        ),
        ("single episodes that are unusual", *_single(found)),
    ]


def _single(found: Study) -> tuple[str, str]:
    events = found.chance.events
    if events.reason:
        return "n/a", events.reason
    return f"{events.found} of {len(events.p)}", "at most a tenth of them by chance"


def _calendars(found: Placebo) -> tuple[str, str]:
    if found.reason:
        return "n/a", found.reason
    return odds(found.p), f"{found.draws:,} calendars, each episode on one of {found.days:,} ordinary days"


def _fragility(found: Study) -> list[tuple[str, str, str]]:
    hangs, names = found.fragility, found.episodes["events"].tolist()
    left = hangs.leave_one_out
    span = "n/a" if left.low is None else f"{percent(left.low)} to {percent(left.high)}"
    worst = left.reason or f"at worst chance alone gives as much in {odds(left.worst_p)}"
    largest = names[int(hangs.top_date.of) - 1] if hangs.top_date.of else ""
    rows = [
        ("without any one episode", span, worst),
        ("the largest episode's part", *_share(hangs.top_date, largest)),
        ("the largest company's part", *_share(hangs.top_firm, hangs.top_firm.of)),
        ("after the first open", *_share(hangs.tradable, "of the reaction; the rest nobody could earn")),
        ("before the news", *_share(hangs.run_up, "of run-up and reaction together")),
        ("extremes pulled in", percent(hangs.winsorised), "a tenth of each end"),
    ]
    models = [
        (f"{name} returns", percent(test.mean), f"chance alone: {odds(test.p)}")
        for name, test in hangs.models.items()
    ]
    clean, count = found.confounds.without, found.confounds.firm_events
    confounded = (
        f"without {count} confounded firm-events",
        percent(clean.mean),
        f"K = {clean.episodes}, chance alone: {odds(clean.p)}; not checked: {', '.join(found.confounds.not_checked)}",
    )
    volumes = (("days 0 and 1", found.volume), ("the five days before", found.volume_before))
    return [*rows, *models, confounded, *(_volume(f"traded on {days}", volume) for days, volume in volumes)]


def _volume(name: str, volume: AbnormalVolume) -> tuple[str, str, str]:
    if volume.times is None:
        return name, "n/a", volume.test.reason
    return name, f"{volume.times:.1f} × usual", f"chance alone: {odds(volume.test.p)}"


def _share(share: Share, what: str) -> tuple[str, str]:
    return _unsigned(share.value), share.reason or what


def _comparison(found: Study, *, aware: bool) -> str:
    from strategies.study_evidence import ALLOW_FOR_DATES

    tests = [test for test in found.chance.comparison if (test.name in ALLOW_FOR_DATES) == aware]
    rows = [
        (
            test.name,
            "n/a" if test.statistic is None else f"{test.statistic:.2f}",
            odds(test.p),
            test.reason or test.caution,
        )
        for test in tests
        if test.firm_events
    ]
    title = "tests of papers, for comparison" if aware else "(counting firms, not dates: often wrong here)"
    return _table((title, "statistic", "chance alone", ""), rows)


def _groups(found: Study) -> str:
    tag = str(found.settings.get("group_by", "group"))
    rows = [(name, count, *_test(test)) for name, (count, test) in found.groups.items()]
    return _table((tag, "firm-events", *WINDOW_HEADS), rows)


def _differences(found: Study) -> str:
    rows = [
        (
            f"{item.group} less the rest",
            percent(item.mean),
            "n/a" if item.low is None else f"{percent(item.low)} to {percent(item.high)}",
            odds(item.p),
            odds(item.adjusted),
            item.reason or f"{item.both if item.by == SAME_DATES else item.alone + item.others} {item.by}",
        )
        for item in found.differences
    ]
    return _table(
        ("difference", "mean", "95 % interval", "chance alone", f"of {len(rows)} looks", "by"), rows
    )
