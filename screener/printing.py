"""Screens, explanations and differences as tables, CSV and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from universes.commandline import emit

if TYPE_CHECKING:
    from screener.ranking import Ranked, Screen
    from screener.review import Review

SHOWN = (
    "rank",
    "symbol",
    "name",
    "score",
    "jurisdiction",
    "tier",
    "stage",
    "mineral",
    "float_band",
    "support",
    "china_linked",
    "unknown",
)
PRICED = ("close", "adv_usd", "drawdown_52w", "momentum_6m", "market_cap_usd")
ROBUST = ("rank_low", "rank_high", "decided_by_weights")
MEMBER = ("member_since", "kept_by")
FORMS = {
    "score": ".1f",
    "close": ".2f",
    "adv_usd": ",.0f",
    "market_cap_usd": ",.0f",
    "drawdown_52w": ".1%",
    "momentum_6m": ".1%",
}


def emit_screen(
    found: Screen,
    data: Mapping[str, Any],
    review: Review | None,
    robust: int | None,
    seed: int,
    output: dict[str, Any],
) -> None:
    """Print the ranked companies; the JSON has the dropped ones too.

    Parameters
    ----------
    found : Screen
        What was found.
    data : mapping
        What it was taken from.
    review : Review or None
        Membership under a preset, where one was asked for.
    robust, seed : int or None, int
        How many random weightings, and their seed.
    output : dict
        Options of `universes.commandline.emit`.
    """
    more = _intervals(found, robust, seed), _memberships(found, review)
    rows = [_row(row, *(part.get(row.symbol, {}) for part in more)) for row in found.rows]
    dropped = [{"symbol": symbol, "reason": reason} for symbol, reason in found.dropped]
    emit(
        _stamped(rows, found, output),
        _columns(rows),
        settings=settings(found) | _reviewed(review) | ({"robust": robust, "seed": seed} if robust else {}),
        data=data,
        extra={"dropped": dropped},
        table=lambda: f"{_text(rows, len(dropped), robust)}\n{rules(found)}",
        **output,
    )


def rules(found: Screen) -> str:
    """By which weights and which version of the rules, one line."""
    return f"weights {found.weights.name}, score version {found.version}, facts {found.facts_hash[:12]}"


def _stamped(rows: list[dict[str, Any]], found: Screen, output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a CSV with the version, which the JSON has among its settings."""
    if output["format"] != "csv":
        return rows
    return [row | {"score_version": found.version} for row in rows]


def settings(found: Screen) -> dict[str, Any]:
    """What was asked for."""
    return {
        "universe": found.name,
        "as_of": found.as_of,
        "where": list(found.where),
        "weights": found.weights.name,
        "factor_weights": dict(found.weights.by_factor),
        "facts_hash": found.facts_hash,
        "score_version": found.version,
    }


def _row(row: Ranked, *more: Mapping[str, Any]) -> dict[str, Any]:
    plain = {"symbol": row.symbol, "name": row.profile.company.name, "rank": row.rank, "score": row.score}
    for part in more:
        plain |= part
    parts = {"contributions": row.scored.contributions, "unknown": list(row.scored.unknown)}
    return plain | parts | row.tags()


def _intervals(found: Screen, robust: int | None, seed: int) -> dict[str, dict[str, Any]]:
    from screener.robustness import rank_intervals

    if robust is None:
        return {}
    return {
        symbol: dict(zip(ROBUST, (item.low, item.high, item.decided_by_weights), strict=True))
        for symbol, item in rank_intervals(found, robust, seed).items()
    }


def _memberships(found: Screen, review: Review | None) -> dict[str, dict[str, Any]]:
    if review is None:
        return {}
    members = {row.symbol: review.members[company] for company, row in found.by_company.items()}
    return {
        symbol: {"member_since": item.since, "kept_by": list(item.kept_by)}
        for symbol, item in members.items()
    }


def _reviewed(review: Review | None) -> dict[str, Any]:
    if review is None:
        return {}
    return {
        "preset": review.preset.name,
        "reviews": list(review.dates),
        "rules_not_judged": list(review.not_judged),
    }


def _columns(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """Columns of the CSV: place and score, then every tag; `contributions` are there as points."""
    first = ("rank", "symbol", "name", "score")
    rest = [name for name in (rows[0] if rows else {}) if name not in (*first, "contributions")]
    return (*first, *rest, "score_version")


def _text(rows: list[dict[str, Any]], dropped: int, robust: int | None) -> str:
    from universes.rendering import as_table

    there = rows[0] if rows else {}
    first = [name for name in ROBUST if name in there]
    heads = (SHOWN[0], *first, *SHOWN[1:], *(name for name in (*MEMBER, *PRICED) if name in there))
    table = as_table(heads, [[_shown(name, row[name]) for name in heads] for row in rows])
    count = f"{len(rows)} ranked, {dropped} dropped (--format json has the reasons)"
    return f"{table}\n{count}{_said_of(rows, robust)}"


def _said_of(rows: list[dict[str, Any]], robust: int | None) -> str:
    if not robust:
        return ""
    decided = sum(row["decided_by_weights"] for row in rows)
    return (
        f"\nrank_low to rank_high: nine tenths of {robust:,} random weightings; {decided} of {len(rows)} ranks move "
        "over more than half of the names and are decided by the weights"
    )


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return None
    form = FORMS.get(name)
    return format(value, form) if form else value


def emit_explanation(found: Screen, symbol: str, data: Mapping[str, Any], output: dict[str, Any]) -> None:
    """Print every point of one score, with its facts.

    Parameters
    ----------
    found : Screen
        A screen that ranks the company.
    symbol : str
        The company.
    data : mapping
        What the screen was taken from.
    output : dict
        Options of `universes.commandline.emit`.
    """
    from screener.explanation import explain

    reasons = explain(found, symbol)
    rows = [_flat(item) for item in reasons.as_dict()["contributions"]]
    emit(
        _stamped(rows, found, output),
        ("factor", "points", "weight", "value", "sentence", "facts", "score_version"),
        settings=settings(found) | {"explain": reasons.symbol},
        data=data,
        extra={"explanation": reasons.as_dict()},
        table=lambda: f"{reasons}\n\n{rules(found)}",
        **output,
    )


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """One factor with its facts as texts."""
    return item | {"facts": [_cited(fact) for fact in item["facts"]]}


def _cited(fact: Mapping[str, str]) -> str:
    return f"{fact['fact']} [{fact['known_from']}, {fact['confidence']}: {fact['source']}]"


def emit_difference(found: Screen, other: Screen, data: Mapping[str, Any], output: dict[str, Any]) -> None:
    """Print what changed between two screens, and by which fact.

    Parameters
    ----------
    found, other : Screen
        The screens, in any order.
    data : mapping
        What they were taken from.
    output : dict
        Options of `universes.commandline.emit`.
    """
    from screener.difference import difference
    from screener.difference_text import lines

    changed = difference(found, other)
    rows = [move.as_dict() for move in changed.moves]
    columns = ("symbol", "name", "change", "reason", "score_before", "score", "points", "rank_before", "rank")
    emit(
        _stamped(
            [row | _changed_facts(row) for row in rows] if output["format"] == "csv" else rows, found, output
        ),
        (*columns, "gained", "lost", "score_version"),
        settings=settings(found) | {"before": changed.before, "after": changed.after},
        data=data,
        extra={"unchanged": changed.same},
        table=lambda: "\n".join((*lines(changed), "", rules(found))),
        **output,
    )


def _changed_facts(row: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        side: [_cited(fact) for factor in row["factors"] for fact in factor[side]]
        for side in ("gained", "lost")
    }
