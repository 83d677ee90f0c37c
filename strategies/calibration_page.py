"""docs/calibration.md: what each test must do on simulated studies, and what it did.

``python -m strategies.calibration_page > docs/calibration.md`` runs the whole grid.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from strategies.calibration import Calibration, Design, calibrate

DRAWS = 8_000
NAIVE = ("cross-sectional t", "BMP", "Patell")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A row of the page.

    Parameters
    ----------
    name : str
        As ``S1``.
    says : str
        What is wanted, in words.
    designs : tuple of Design
        On each of which it must hold.
    tests : tuple of str
        Of which tests.
    least, most : float
        Share of studies that may be rejected, as fractions.
    """

    name: str
    says: str
    designs: tuple[Design, ...]
    tests: tuple[str, ...]
    least: float
    most: float


def _grid(
    correlations: Sequence[float], tails: Sequence[str], episodes: Sequence[int], plain: Design | None = None
) -> tuple[Design, ...]:
    return tuple(
        replace(plain or Design(), episodes=count, correlation=rho, tails=law)
        for rho, law, count in product(correlations, tails, episodes)
    )


def _finds(name: str, episodes: int, effect: float, least: float) -> Requirement:
    size = "half a deviation" if effect < 1 else "one deviation"
    says = f"date test finds {size} on {episodes} dates: {100 * least:.0f} % or more"
    return Requirement(
        name, says, (Design(episodes=episodes, tails="t4", effect=effect),), ("date test",), least, 1.0
    )


CALM = _grid((0.0, 0.1, 0.3, 0.5), ("normal", "t4"), (5, 10, 20))
MANY = tuple(item for item in CALM if item.episodes >= 10)
LINKED = _grid((0.3,), ("normal",), (3, 10, 20))
WILDER = _grid((0.3,), ("t4",), (5, 10, 20), Design(event_deviation=1.5))
COMMON = _grid((0.1, 0.3), ("normal",), (5, 10, 20), Design(common_deviation=2.0))
COMMON_MANY = tuple(item for item in COMMON if item.episodes >= 10)
UNEVEN = tuple(
    Design(episodes=count, date_deviations=(5.0, *[1.0] * (count - 1))) for count in (3, 5, 10, 30)
)

REQUIREMENTS = (
    Requirement("S1", "date test, nothing unusual: 3.5 to 6 %", CALM, ("date test",), 0.035, 0.06),
    Requirement("S2", "sign flip, nothing unusual: 4 to 6 %", MANY, ("sign flip",), 0.04, 0.06),
    Requirement("S3", "adj-BMP, nothing unusual: 4 to 6.5 %", CALM, ("adj-BMP",), 0.04, 0.065),
    Requirement(
        "S3",
        "random calendars, crude dependence: 4 to 6.5 %",
        CALM,
        ("random calendars", "crude dependence"),
        0.04,
        0.065,
    ),
    Requirement("S4", "tests that count firms must fail: 27 to 34 %", LINKED, NAIVE, 0.27, 0.34),
    Requirement(
        "S5",
        "date test, all returns 1.5 times as wild: 3.5 to 6 %",
        WILDER,
        ("date test",),
        0.035,
        0.06,
    ),
    Requirement("S5", "adj-BMP there: 3.8 to 6 %", WILDER, ("adj-BMP",), 0.038, 0.06),
    Requirement(
        "S5",
        "tests with the variance of ordinary days must fail there: above 15 %",
        WILDER,
        ("adj-Patell", "crude dependence", "random calendars"),
        0.15,
        1.0,
    ),
    Requirement(
        "S6", "date test, common shock twice as large: 3.5 to 6 %", COMMON, ("date test",), 0.035, 0.06
    ),
    Requirement("S6", "sign flip there: 4 to 6 %", COMMON_MANY, ("sign flip",), 0.04, 0.06),
    Requirement("S6", "adj-BMP must fail there: above 10 %", COMMON, ("adj-BMP",), 0.10, 1.0),
    Requirement(
        "S7",
        "adj-BMP of one date and fifty firms: 4.4 to 5.8 %",
        tuple(
            Design(episodes=1, firms=50, estimation=239, correlation=rho)
            for rho in (0.02, 0.05, 0.1, 0.2, 0.3)
        ),
        ("adj-BMP",),
        0.044,
        0.058,
    ),
    Requirement(
        "S8", "date test, one date five times as wild: at most 5.5 %", UNEVEN, ("date test",), 0.0, 0.055
    ),
    _finds("S11", 5, 0.5, 0.32),
    _finds("S11", 10, 0.5, 0.64),
    _finds("S11", 20, 0.5, 0.90),
    _finds("S12", 5, 1.0, 0.75),
    _finds("S12", 10, 1.0, 0.96),
)
ELSEWHERE = (
    (
        "S9",
        "real placebo dates",
        "not run: real prices may not be kept here; `lodestone study` draws them on yours",
    ),
    ("S10", "overlapping events must be merged", "tests/strategies/test_calibration.py"),
    (
        "S13",
        "best of many sets without skill: DSR above 0.95 in 2 % at most",
        "tests/strategies/test_sharpe_statistics.py",
    ),
    ("S14", "t over trades of sparse strategies: 4.5 to 5.5 %", "tests/strategies/test_calibration.py"),
    (
        "S15",
        "interval of the Sharpe ratio holds the truth in 91 %",
        "tests/strategies/test_sharpe_intervals.py",
    ),
    (
        "S16",
        "the audit catches every planted leak and no clean strategy",
        "tests/strategies/test_look_ahead.py",
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured for a requirement: the lowest and highest share over its designs and tests."""

    requirement: Requirement
    low: float
    high: float

    def holds(self, room: float = 0.0) -> bool:
        """Whether every share lies where it must, allowing so much for the number of studies."""
        return self.requirement.least - room <= self.low and self.high <= self.requirement.most + room


def outcomes(draws: int, seed: int = 0, told: Callable[[str], object] = lambda _: None) -> Iterator[Outcome]:
    """Each requirement with what was measured; a design is simulated once.

    Parameters
    ----------
    draws, seed : int
        Studies of each design, and seed.
    told : callable
        Told each requirement before it is measured.
    """
    done: dict[Design, Calibration] = {}
    for item in REQUIREMENTS:
        told(f"{item.name} {item.says}")
        shares = []
        for design in item.designs:
            if design not in done:
                done[design] = calibrate(design, draws=draws, seed=seed)
            shares += [done[design].rate(test) for test in item.tests]
        yield Outcome(item, min(shares), max(shares))


def page(draws: int = DRAWS, told: Callable[[str], object] = lambda _: None) -> str:
    """The whole page.

    Parameters
    ----------
    draws : int
        Studies of each design.
    told : callable
        As for `outcomes`.
    """
    rows = [
        f"| {item.requirement.name} | {item.requirement.says} | {len(item.requirement.designs)} | {_span(item)} | "
        f"{'yes' if item.holds() else '**no**'} |"
        for item in outcomes(draws, told=told)
    ]
    elsewhere = [f"| {name} | {says} | {where} |" for name, says, where in ELSEWHERE]
    return "\n".join(
        [
            *HEAD.format(draws=draws).splitlines(),
            "",
            "| | what must hold | designs | measured | holds |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "| | what must hold | where |",
            "|---|---|---|",
            *elsewhere,
            "",
            *POWER.splitlines(),
            "",
            "| dates | "
            + " | ".join(f"effect of {effect:g}" for effect in EFFECTS)
            + " | detectable, in deviations |",
            "|---|" + "---|" * (len(EFFECTS) + 1),
            *_power(draws),
            "",
        ]
    )


def _span(item: Outcome) -> str:
    low, high = (f"{100 * share:.1f}" for share in (item.low, item.high))
    return f"{low} %" if low == high else f"{low} to {high} %"


EFFECTS = (0.25, 0.5, 1.0)


def _power(draws: int) -> Iterator[str]:
    for episodes in (3, 5, 8, 10, 20, 30):
        plain = Design(episodes=episodes, tails="t4")
        found = [calibrate(replace(plain, effect=effect), draws=draws) for effect in EFFECTS]
        shares = " | ".join(f"{100 * item.rate('date test'):.0f} %" for item in found)
        yield f"| {episodes} | {shares} | {found[0].detectable:.2f} |"


HEAD = """# Calibration

A test at a level of 5 % must be wrong in 5 of 100 studies without an effect, on data like those it is used on.
`lodestone calibrate` simulates studies of any design; this page is the whole grid, {draws:,} studies a design,
written by `make calibrate`. The statistics are those of `lodestone study`, held to them in the tests.

Each study has K dates, and ten firms on each unless said otherwise; an estimation window of 120 sessions before each
date; firms with residual deviations of 2 to 5 % a day, whose residuals are correlated (0 to 0.5), normal or with fat
tails. Some of the rows *must* fail: tests that count firms instead of dates, and tests that take the variance of the
day for that of ordinary days. A bench on which nothing fails shows nothing.

With so many studies a share of 5 % has a standard error of 0.24 points, and the lowest and the highest of many shares
lie further out."""

POWER = """## What can be found

Share of studies in which the date test finds an effect of so many daily residual deviations of a firm (3.5 % on
average), with ten firms, correlation 0.3 and fat tails; and the effect that 80 of 100 such studies find. More firms
hardly help, more dates do."""


def main() -> None:
    """Print the page; progress goes to stderr."""
    sys.stdout.write(page(told=lambda line: sys.stderr.write(f"{line}\n")))


if __name__ == "__main__":
    main()
