"""Data gates: what makes a series of bars unfit or suspicious. Nothing here changes a price.

A gate refuses a series or flags it. `form` judges the rows as they stand in the file, `shell` and `life` leave bars
out and say so, as `universes.session_gates` does; `universes.price_gates` judges what is left, `universes.crowd_gates`
the symbols of an exchange together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from universes.errors import BadParameter, UnknownName
from universes.panel import Finding
from universes.price_file import PriceFile

if TYPE_CHECKING:
    from universes.facts import Listing

# Every gate and its severity. `final`: refused, and cannot be accepted, as there is nothing to use.
GATES = {
    "unreadable": "final", "empty-file": "final", "missing-column": "final", "bad-date": "final",
    "bad-number": "final", "unknown-sessions": "final", "two-dialects": "final", "unknown-basis": "final",
    "not-daily": "final", "several-symbols": "final",
    "duplicate-date": "refused", "bad-order": "refused", "non-positive-price": "refused",
    "high-below-low": "refused", "outside-high-low": "refused", "hundredfold-jump": "refused",
    "negative-volume": "refused", "bad-dividend": "refused", "extreme-price": "refused",
    "currency": "refused", "dividends-twice": "refused",
    "extra-column": "flagged", "repeated-row": "flagged", "outside-listing": "flagged",
    "earlier-company": "flagged", "shell": "flagged", "later-split": "flagged", "closed-day": "flagged",
    "holes": "flagged", "long-holes": "flagged", "reused-symbol": "flagged", "flat-shell": "flagged",
    "large-move": "flagged", "unadjusted-split": "flagged", "basis": "flagged", "null-bar": "flagged",
    "unfinished-bar": "flagged", "late-start": "flagged", "missing-sessions": "flagged",
    "volume-collapse": "flagged", "adjusted-ratio": "flagged", "zero-volume": "flagged",
    "flat-last-bar": "flagged", "adjusted-close": "flagged", "terminal": "flagged",
}  # fmt: skip


def check_accept(accept: Iterable[str]) -> None:
    """Refuse names that are no gate, and gates that cannot be accepted.

    Raises
    ------
    UnknownName
        If there is no such gate.
    BadParameter
        If what the gate refuses leaves nothing to use.
    """
    for name in accept:
        if name not in GATES:
            raise UnknownName("gate", name, GATES)
        if GATES[name] == "final":
            raise BadParameter(f"gate {name} cannot be accepted, as it leaves nothing to use: mend the file")


PRICES = ("open", "high", "low", "close")
# New shares may be suspended or not trade for some weeks.
LATE_DAYS = 30

Mask = npt.NDArray[np.bool_]


def finding(file: PriceFile, gate: str, at: npt.NDArray[np.intp], what: str, mend: str) -> Finding:
    """The finding of a gate at the first of some positions, with the count of the others.

    Parameters
    ----------
    file : PriceFile
        Where it was seen.
    gate : str
        A name in `GATES`, which gives the severity.
    at : ndarray of int
        Positions of the bars, increasing, at least one.
    what, mend : str
        What is there, and what to do.
    """
    first = int(at[0])
    more = f" (and {len(at) - 1} more)" if len(at) > 1 else ""
    severity = "flagged" if GATES[gate] == "flagged" else "refused"
    return Finding(severity, file.symbol, file.day(first), gate, f"{file.place(first)}: {what}{more}; {mend}")


def settle(findings: Iterable[Finding], accept: frozenset[str]) -> tuple[Finding, ...]:
    """The findings with those refusals flagged that the user accepts.

    Parameters
    ----------
    findings : iterable of Finding
        What the gates saw.
    accept : frozenset of str
        Names of gates; a gate that is ``final`` in `GATES` stays refused.
    """
    return tuple(
        replace(item, severity="flagged", message=f"{item.message} (accepted)")
        if item.severity == "refused" and item.gate in accept and GATES[item.gate] != "final"
        else item
        for item in findings
    )


# Form: the rows as they stand.


def form(file: PriceFile) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file without rows that repeat another one, and what is wrong with dates and their order.

    Returns
    -------
    PriceFile
        Rows in the order of the file, each line once.
    tuple of Finding
        Gates ``repeated-row``, ``duplicate-date``, ``bad-order``.
    """
    found: list[Finding] = []
    if not file.bars.index.is_unique:
        again = np.asarray(file.bars.drop(columns="line", errors="ignore").reset_index().duplicated())
        if again.any():
            at = np.flatnonzero(again)
            found.append(
                finding(file, "repeated-row", at, "repeats an earlier line", "read once; remove one")
            )
            file = file.keep(~again)
    found.extend(_duplicate_dates(file))
    found.extend(_bad_order(file))
    return file, tuple(found)


def _duplicate_dates(file: PriceFile) -> Iterator[Finding]:
    at = np.flatnonzero(np.asarray(file.bars.index.duplicated()))
    if len(at):
        first = int(np.flatnonzero(file.bars.index == file.bars.index[at[0]])[0])
        what = f"{file.day(int(at[0]))} is also on line {file.place(first).rpartition(':')[2]}, with other values"
        yield finding(
            file, "duplicate-date", at, what, "remove the wrong one; if accepted, the first is used"
        )


def _bad_order(file: PriceFile) -> Iterator[Finding]:
    stamps = file.bars.index.to_numpy()
    at = np.flatnonzero(stamps[1:] < stamps[:-1]) + 1
    if len(at):
        what = f"{file.day(int(at[0]))} comes after {file.day(int(at[0]) - 1)}"
        yield finding(file, "bad-order", at, what, "sort the file by date; if accepted, it is read sorted")


def ordered(file: PriceFile) -> PriceFile:
    """The file by date, the first row of each date: what is used of a file whose form was accepted."""
    bars = file.bars[~file.bars.index.duplicated()]
    return replace(file, bars=bars if bars.index.is_monotonic_increasing else bars.sort_index(kind="stable"))


# Life: which bars are the company's own.


def shell(file: PriceFile, until: date | None) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file without the bars of the blank-cheque company, up to `until`, both as the facts say; gate ``shell``."""
    if until is None:
        return file, ()
    gone = _days(file) <= np.datetime64(until)
    what = f"{int(gone.sum())} bars to {until} are those of the shell before the merger"
    return without(file, gone, "shell", what, "left out, as the facts say (spac_until)")


def life(
    file: PriceFile, listings: Sequence[Listing], start: date | None, end: date | None
) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file from `start` to `end` and within the listings of one company.

    Prices that a vendor adjusted for splits after the last bar kept are restated on the basis of that bar.

    Returns
    -------
    PriceFile
        The bars left, in their order.
    tuple of Finding
        Gates ``outside-listing``, ``later-split``.
    """
    days = _days(file)
    own = np.zeros(len(file), dtype=bool)
    for row in listings:
        own |= (days >= np.datetime64(row.listed_from or date.min)) & (
            days < np.datetime64(row.listed_to or date.max)
        )
    wanted = (days >= np.datetime64(start or date.min)) & (days <= np.datetime64(end or date.max))
    within = file.keep(wanted)
    outside = ~own[wanted]
    what = f"{int(outside.sum())} bars outside the listing of {listings[0].company if listings else 'nobody'}"
    left, found = without(
        within, outside, "outside-listing", what, "left out; correct listings.csv if they are its own"
    )
    if not len(left):
        return left, found
    restated, more = _restated(left, file)
    return restated, (*found, *_late_start(left, listings, start), *more)


def _late_start(file: PriceFile, listings: Sequence[Listing], start: date | None) -> Iterator[Finding]:
    begins = [row.listed_from for row in listings]
    known = [on for on in begins if on is not None]
    if not known or len(known) < len(begins):
        return
    expected = max(min(known), start or date.min)
    behind = int((_days(file)[0] - np.datetime64(expected)).astype(int))
    if behind > LATE_DAYS:
        what = f"the first bar used is {behind} days after {expected}, from when there should be some"
        mend = "used from there: fetch the earlier ones, or correct listed_from in listings.csv"
        yield finding(file, "late-start", np.array([0]), what, mend)


def _days(file: PriceFile) -> npt.NDArray[np.datetime64]:
    return file.bars.index.to_numpy().astype("datetime64[D]")


def _restated(left: PriceFile, whole: PriceFile) -> tuple[PriceFile, tuple[Finding, ...]]:
    later = np.flatnonzero(np.asarray(whole.bars.index > left.bars.index[-1]) & (whole.values("split") != 1))
    factor = float(np.prod(whole.values("split")[later]))
    if factor == 1:
        return left, ()
    columns = [name for name in (*PRICES, "adjusted_close", "dividend") if name in left.bars]
    bars = left.bars.assign(
        **{name: left.bars[name] * factor for name in columns}, volume=left.bars["volume"] / factor
    )
    what = f"split of {factor:g} new shares for one after the last bar used, {left.day(len(left) - 1)}"
    mend = "prices are stated as on that bar; nothing to do"
    return replace(left, bars=bars), (finding(whole, "later-split", later, what, mend),)


def without(
    file: PriceFile, gone: Mask, gate: str, what: str, mend: str
) -> tuple[PriceFile, tuple[Finding, ...]]:
    """The file without some bars, and the finding that says so where there were any."""
    if not gone.any():
        return file, ()
    first = int(gone.argmax())
    found = Finding("flagged", file.symbol, file.day(first), gate, f"{file.place(first)}: {what}; {mend}")
    return file.keep(~gone), (found,)


# Units, and what the gates share.


def unit(file: PriceFile, currency: str) -> Iterator[Finding]:
    """Prices labelled in another currency than that of the listing; gate ``currency``.

    Parameters
    ----------
    file : PriceFile
        At least one bar; a series without a label passes.
    currency : str
        ISO 4217 code of the listing.
    """
    if file.currency not in ("", currency):
        what = f"prices are in {file.currency}, the listing is in {currency}"
        mend = f"give prices in {currency}, or correct the label or listings.csv"
        yield finding(file, "currency", np.array([0]), what, mend)


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Begin and end, end excluded, of every run of true, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(begin), int(stop)) for begin, stop in zip(edges[::2], edges[1::2], strict=True)]
