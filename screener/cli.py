"""The root of the command line: which commands there are, and what becomes of an error.

Commands stand beside what they drive and are named here as text, so that ``lodestone --help`` imports none of them.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from universes.errors import BadExpression, LodestoneError, UserCodeError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from universes.panel import Market
    from universes.universe import Universe

# Name: where it is, and its line in --help.
COMMANDS = {
    "demo": ("reports.commands:demo", "Run everything once on the simulated market and write a tearsheet."),
    "universe": ("universes.commands:universe", "List, show and check universes of companies."),
    "events": ("universes.event_commands:events", "List, show and check policy events."),
    "screen": ("screener.commands:screen", "Rank a universe by strategic alignment on a date."),
    "prices": ("universes.price_commands:prices", "Fetch real prices, and see what is wrong with them."),
    "study": ("strategies.study_command:study", "What policy events did to the companies they touch."),
    "calibrate": (
        "strategies.calibrate_command:calibrate",
        "How often each test is wrong in studies like yours.",
    ),
    "stress": ("strategies.stress_command:stress", "What past events of a kind would do to a book."),
    "backtest": ("strategies.commands:backtest", "What a strategy would have done, after costs."),
    "audit": ("strategies.look_ahead_command:audit", "Whether a strategy uses what it could not have known."),
    "sweep": (
        "strategies.parameter_sweep_command:sweep",
        "Every set of parameters, by the rules of one backtest.",
    ),
    "trials": ("strategies.parameter_sweep_command:trials", "How many sets of parameters have been tried."),
    "claims": ("reports.claims_command:claims", "Check an article's sentences against facts and prices."),
    "report": ("reports.commands:report", "Write the tearsheet of one or several runs."),
}
STOPPED = 130


class Root(click.Group):
    """Group whose commands are imported on use, and where every user's error becomes one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may be meant."""
        from universes.errors import did_you_mean

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"no command named {name!r}{did_you_mean(name, tuple(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that the user can mend is one line and exit 1."""
        try:
            return super().invoke(ctx)
        except LodestoneError as error:
            if isinstance(error, BadExpression) and sys.stderr.isatty():
                click.echo(error.caret(), err=True)
            if isinstance(error, UserCodeError):
                click.echo(error.shown(), err=True)
            raise click.ClickException(_one_line(error)) from None

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run as a program: 0 done, 1 an error that the user can mend, 2 wrong usage, 130 stopped by Ctrl-C."""
        extra.pop("standalone_mode", None)
        # By default the interpreter looks for cycles some thousand times while libraries load.
        gc.set_threshold(1_000_000, 50, 50)
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped.", err=True)
            sys.exit(STOPPED)
        except BrokenPipeError:
            _leave_pipe()
        sys.exit(code if isinstance(code, int) else 0)


def _one_line(error: LodestoneError) -> str:
    return " ".join(str(error).split())


def _leave_pipe() -> NoReturn:
    # The reader has gone (`| head`); what Python still flushes at exit must go nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


# Handed down to commands of packages that must not import this one.
def _check_where(where: Sequence[str]) -> None:
    from screener.ranking import parse_where

    parse_where(where)


def _eligibility(market: Market, where: Sequence[str]) -> pd.DataFrame:
    from screener.eligibility import eligibility

    return eligibility(market, where)


def _scores(market: Market) -> pd.DataFrame:
    from screener.score_table import score_table

    return score_table(market)


def _passing(universe: Universe, on: date, where: Sequence[str]) -> frozenset[str]:
    from screener.ranking import screen

    return frozenset(screen(universe, on, where).symbols)


@click.group(
    "lodestone", cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="lodestone", prog_name="lodestone")
@click.pass_context
def main(context: click.Context) -> None:
    """Critical-mineral miners: who is aligned with policy, what events did to them, would trading it have paid.

    Data goes to stdout, everything else to stderr. Not investment advice.
    """
    context.obj = {
        "check_where": _check_where,
        "eligibility": _eligibility,
        "scores": _scores,
        "passing": _passing,
    }
