"""The `screen` command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from universes.commandline import examples, output_options

if TYPE_CHECKING:
    from screener.ranking import Prices, Screen
    from screener.review import Review
    from screener.weights import Weights
    from universes.panel import Market
    from universes.universe import Universe

# Calendar days that hold the 252 bars of the 52-week high, with holidays to spare.
YEAR_DAYS = 400


@click.command(
    epilog=examples(
        "lodestone screen --as-of 2025-07-09 --where \"stage >= 'pfs' and 'rare-earths' in minerals\" --top 15",
        "lodestone screen --as-of 2025-07-09 --explain MP",
        "lodestone screen --as-of 2026-02-04 --diff 2025-07-09",
        "lodestone screen --as-of 2025-07-09 --preset allied-advanced",
    )
)
@click.argument("universe", default="critical-minerals")
@click.option("--as-of", required=True, metavar="DATE", help="Only what was known on this date counts.")
@click.option("--where", multiple=True, metavar="EXPR", help="Keep only names that this filter holds for.")
@click.option("--top", type=int, metavar="N", help="Keep the best N.")
@click.option(
    "--weights",
    metavar="TEXT|FILE.toml",
    help="What factors count for: stage=0.3,support=0.2; the rest share.",
)
@click.option("--preset", metavar="NAME|FILE.toml", help="Keep only members by these rules; docs/presets.md.")
@click.option(
    "--explain", metavar="SYMBOL", help="Print every point of one score, with its facts and their sources."
)
@click.option("--diff", metavar="DATE", help="What changed between that date and --as-of, and by which fact.")
@click.option(
    "--robust", type=int, metavar="N", help="Add the interval of each rank under N random weightings."
)
@click.option(
    "--source",
    metavar="simulated|csv:FOLDER|yahoo",
    help="Prices: adds close, traded value, momentum and size.",
)
@click.option("--currency", default="", metavar="CODE", help="Read every price in one currency, as USD.")
@click.option("--seed", default=0, show_default=True, help="Seed of the simulated market and of --robust.")
@output_options
def screen(
    universe: str,
    as_of: str,
    where: tuple[str, ...],
    top: int | None,
    weights: str | None,
    preset: str | None,
    explain: str | None,
    diff: str | None,
    robust: int | None,
    source: str | None,
    currency: str,
    seed: int,
    **output: Any,
) -> None:
    """Rank UNIVERSE by strategic alignment as known on a date.

    A name that is not in the table was dropped; --format json lists each with its reason.
    """
    from screener import printing
    from screener.ranking import check_as_of
    from screener.weights import weights_from
    from universes.catalog import load

    if sum(option is not None for option in (explain, diff, robust)) > 1:
        raise click.UsageError("--explain, --diff and --robust are three answers: ask for one at a time")
    on, other = check_as_of(as_of), check_as_of(diff) if diff else None
    asked = Asked(
        universe=load(universe),
        where=where,
        top=top,
        weights=weights_from(weights) if weights is not None else None,
        preset=preset,
        dates=(on,) if other is None else (on, other),
        source=source,
        currency=currency,
        seed=seed,
    )
    found = asked.screen(on)
    asked.say_what_is_missing()
    if explain:
        printing.emit_explanation(found, explain, asked.data(found), output)
    elif other:
        printing.emit_difference(found, asked.screen(other), asked.data(found), output)
    else:
        printing.emit_screen(found, asked.data(found), asked.reviews.get(on), robust, seed, output)


@dataclass(frozen=True)
class Asked:
    """What a screen was asked for, on one or two dates."""

    universe: Universe
    where: tuple[str, ...]
    top: int | None
    weights: Weights | None
    preset: str | None
    dates: tuple[date, ...]
    source: str | None
    currency: str
    seed: int

    def screen(self, on: date) -> Screen:
        """The screen of one of the dates."""
        from screener.ranking import screen

        review = self.reviews.get(on)
        return screen(
            self.universe,
            on,
            self.where,
            self.top,
            prices=self.prices(on) if self.source else None,
            weights=self.weights,
            barred=review.barred if review else None,
        )

    @cached_property
    def reviews(self) -> dict[date, Review]:
        """Who is a member under the preset on each date; empty without one."""
        from screener.preset import preset
        from screener.review import review

        if self.preset is None:
            return {}
        rules, prices = preset(self.preset), self.prices if self.source else None
        return {on: review(rules, self.universe, on, prices, self.weights) for on in self.dates}

    def prices(self, on: date) -> Prices:
        """Price tags of a date."""
        from screener.prices import price_tags

        return price_tags(self.market, on)

    @cached_property
    def market(self) -> Market:
        """Prices from long enough before the first date that is looked at."""
        from universes.assemble import market

        start = min((*self.dates, *self._review_dates())) - timedelta(days=YEAR_DAYS)
        assert self.source is not None
        return market(
            self.universe,
            self.source,
            start=start,
            end=max(self.dates),
            seed=self.seed,
            currency=self.currency,
        )

    def _review_dates(self) -> tuple[date, ...]:
        from screener.preset import preset
        from screener.review import review_dates

        if self.preset is None:
            return ()
        rules = preset(self.preset)
        return tuple(day for on in self.dates for day in review_dates(rules, on))

    def data(self, found: Screen) -> dict[str, Any]:
        """What the answer was taken from; with prices, who has none too."""
        from universes.survivorship import survivorship

        if self.source is None:
            return {"source": "facts", "kind": "real", "hash": found.facts_hash}
        of = self.market
        statement = survivorship(of).as_dict()
        return {"source": of.source, "kind": of.kind, "hash": of.hash, "survivorship": statement}

    def say_what_is_missing(self) -> None:
        """Names without prices and rules that were not judged, on stderr."""
        from universes.assemble import summarise_missing

        if self.source and (missing := summarise_missing(self.market.missing)):
            click.echo(missing, err=True)
        for review in list(self.reviews.values())[:1]:
            if review.not_judged:
                rules = ", ".join(review.not_judged)
                click.echo(
                    f"Preset {review.preset.name} without its rules on prices ({rules}): give --source to judge them",
                    err=True,
                )
