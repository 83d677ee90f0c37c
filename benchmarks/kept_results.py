"""Tables of measured ratios, kept in RESULTS.md with machine and versions."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import REPEATS, ROOT, Row

RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = ("numpy", "numba", "pandas", "vectorbt")


def line(row: Row) -> str:
    """A row as one line to print."""
    ratio = "      -" if row.ratio is None else f"{row.ratio:7,.2f}"
    said = "met" if row.met else "NOT MET"
    return f"{row.number}  {row.what[:62]:<62}  {row.peer[:44]:<44}  {ratio}  {row.target:<20} {said}"


def keep(title: str, scene: str, rows: Sequence[Row], taken: float) -> None:
    """Put a table into RESULTS.md, in place of an older one of the same title; other tables stay.

    Parameters
    ----------
    title, scene : str
        What was measured, and on what.
    rows : sequence of Row
        The table.
    taken : float
        Seconds of the whole run.
    """
    text = RESULTS.read_text() if RESULTS.exists() else ""
    parts = {
        part.partition("\n")[0]: part.rstrip() for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:]
    }
    parts[title] = report(title, scene, rows, taken).removeprefix("# ").rstrip()
    RESULTS.write_text("\n\n".join(f"# {part}" for part in parts.values()) + "\n")
    print(f"Kept in {RESULTS.relative_to(ROOT)}")


def report(title: str, scene: str, rows: Sequence[Row], taken: float) -> str:
    """One table of RESULTS.md: machine, versions, date, the rows, and what exactly was compared."""
    table = [
        f"| {row.number} | {row.what} | {row.peer} | {row.ours} | {row.theirs} | {_ratio(row)} | {row.target} | "
        f"{'yes' if row.met else '**no**'} |"
        for row in sorted(rows, key=lambda row: row.number)
    ]
    notes = [
        "\n".join([f"**{row.number}. {row.peer}**", "", *(f"- {note}" for note in row.notes), ""])
        for row in sorted(rows, key=lambda row: row.number)
    ]
    lines = [*_head(title, scene, taken), *table, "", "## What was compared", "", *notes]
    return "\n".join(lines)


def _head(title: str, scene: str, taken: float) -> list[str]:
    methods = (
        f"- Medians of {REPEATS} or more after a warm-up, in turns where both sides run in one process; "
        f"{taken / 60:.0f} minutes in all."
    )
    said = (
        "Written by `make bench`. Every ratio is measured in one run, and what is compared is asserted to be the same "
        "first."
    )
    columns = "| | what | against | ours | theirs | ratio | wanted | met |"
    return [
        f"# {title}",
        "",
        said,
        "",
        *_machine(),
        methods,
        f"- {scene}",
        "",
        columns,
        "|---" * 8 + "|",
    ]


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return "–"
    return f"{row.ratio:,.0f}" if row.ratio >= 10 else f"{row.ratio:.2f}"


def _machine() -> list[str]:
    memory = (
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0.0
    )
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return [
        f"- {today}; {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}{load}.",
        f"- {platform.python_implementation()} {platform.python_version()}, {packages}.",
    ]


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [text.partition(":")[2].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
