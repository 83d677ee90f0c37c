"""The `calibrate` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from universes.commandline import emit, examples, output_options

if TYPE_CHECKING:
    from strategies.calibration import Calibration


@click.command(epilog=examples("lodestone calibrate --episodes 8 --firms 20 --correlation 0.4"))
@click.option("--episodes", default=10, show_default=True, help="Independent dates, K.")
@click.option("--firms", default=10, show_default=True, help="Firms on each date, N.")
@click.option("--correlation", default=0.3, show_default=True, help="Of two firms' residuals on one day.")
@click.option("--days", default=1, show_default=True, help="Sessions of the event window.")
@click.option("--estimation", default=120, show_default=True, help="Sessions of the estimation window.")
@click.option(
    "--effect", default=0.0, show_default=True, help="True effect, in daily residual deviations of a firm."
)
@click.option(
    "--tails", type=click.Choice(("normal", "t4")), default="normal", show_default=True, help="Of residuals."
)
@click.option(
    "--event-deviation", default=1.0, show_default=True, help="How much wilder all returns are on the day."
)
@click.option(
    "--common-deviation",
    default=1.0,
    show_default=True,
    help="How much larger the common shock is on the day.",
)
@click.option("--draws", default=2_000, show_default=True, help="Studies to simulate.")
@click.option("--seed", default=0, show_default=True, help="Of every number.")
@output_options
def calibrate(draws: int, seed: int, format: str, output: Any, **given: Any) -> None:
    """How often each test would be wrong, or find an effect, in studies like yours.

    Without an effect a test should reject in 5 of 100 studies. docs/calibration.md has the whole grid.
    """
    from strategies.calibration import Design, as_record
    from strategies.calibration import calibrate as run

    found = run(Design(**given), draws=draws, seed=seed)
    record: dict[str, Any] = as_record(found)
    emit(
        record["rates"],
        ("test", "rejected", "error", "verdict", "reason"),
        settings=record["design"],
        data={"source": "simulated studies", "kind": "simulated", "hash": ""},
        extra={"detectable": record["detectable"], "says": sentence(found)},
        table=lambda: as_text(found),
        format=format,
        output=output,
    )


def as_text(found: Calibration) -> str:
    """A sentence, and a line a test."""
    from universes.rendering import as_table

    head = "finds the effect in" if found.design.effect else "rejects without an effect"
    rows = [
        (
            item.test,
            "n/a" if item.rejected is None else f"{100 * item.rejected:.1f} %",
            "" if item.error is None else f"± {100 * item.error:.1f}",
            item.reason or item.verdict,
        )
        for item in found.rates
    ]
    return f"{sentence(found)}\n\n{as_table(('test', head, '', ''), rows)}"


def sentence(found: Calibration) -> str:
    """What the design can decide, in words."""
    design = found.design
    what = f"With {design.episodes} dates of {design.firms} firms and a correlation of {design.correlation:g}"
    if found.detectable is None:
        return f"{what} there is one date: no test of a mean can be had, only whether the day was unusual."
    share = 100 * found.rate("date test")
    does = f"finds this effect in {share:.0f}" if design.effect else f"is wrong in {share:.0f}"
    least = f"{found.detectable:.2f} daily residual deviations of a firm"
    return f"{what}, the date test {does} of 100 studies; it would find a mean of {least} in 80 of 100."
