"""A difference between two screens as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from screener.citation import Citation
from screener.difference import CHANGES, Difference, FactorChange, Move, shared

HEADS = {"held": "the same score, on other facts"}
# What rounds to 0.0 is no news, unless a fact is behind it.
LEAST_POINTS = 0.05


def lines(found: Difference) -> Iterator[str]:
    """The difference, one line each: counts, facts that changed for many, then every company that changed."""
    counts = ", ".join(f"{len(found.of(change))} {change}" for change in CHANGES[:4])
    held = len(found.of("held"))
    same = f"{held} with the same score on other facts, {found.same} unchanged"
    yield f"{found.before} to {found.after}: {counts}, {same}"
    many = shared(found)
    if many:
        yield from ("", "What changed for several")
        for fact, symbols in many.items():
            yield f"  + {fact}"
            yield f"    {len(symbols)}: {', '.join(symbols)}"
    for change in CHANGES:
        if moves := found.of(change):
            yield from ("", HEADS.get(change, change).capitalize())
            for move in moves:
                yield from _move(move, many)


def _move(move: Move, many: Collection[Citation]) -> Iterator[str]:
    yield f"{move.symbol}  {move.name}: {_scores(move)}"
    for item in move.factors:
        if item.gained or item.lost or abs(item.change) >= LEAST_POINTS:
            yield f"  {item.factor} {item.change:+.1f}: {_why(item)}"
            yield from (f"    + {fact}" for fact in item.gained if fact not in many)
            yield from (f"    - no longer {fact}" for fact in item.lost)


def _scores(move: Move) -> str:
    before, after = (
        "no score" if score is None else f"{score:.1f}" for score in (move.score_before, move.score)
    )
    points = "" if move.points is None else f" ({move.points:+.1f})"
    ranks = " → ".join("none" if rank is None else str(rank) for rank in (move.rank_before, move.rank))
    other = {"entered": f"; before: {move.reason}", "left": f"; now: {move.reason}"}.get(move.change, "")
    return f"{before} → {after}{points}, rank {ranks}{other}"


def _why(item: FactorChange) -> str:
    return (
        item.sentence
        if item.moved or item.gained or item.lost
        else "as other factors became known or unknown"
    )
