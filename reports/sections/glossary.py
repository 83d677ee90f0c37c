"""What every number and word means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.blocks import Block, Terms, Text
from reports.conventions import terms
from reports.section import Results, Section, always
from reports.subjects import SUBJECTS

WORDS = (
    (
        "Net, gross",
        "after and before fees, spread, impact and borrowing; gross adds what was paid back to the net book",
    ),
    ("Benchmark", "what the strategy is held against, without costs, from the same start"),
    (
        "Drawdown",
        "value over its highest so far, minus one; the start is a peak, so a loss on the first session counts",
    ),
    ("Open", "not recovered, or not sold, by the last session"),
    ("Firm-event (n)", "one company touched by one policy event"),
    (
        "Episode (K)",
        "events whose windows overlap, taken as one date: the unit of evidence, as companies move together then",
    ),
    (
        "Reaction session, day 0",
        "first session that could react to the announcement on the exchange of the company",
    ),
    (
        "Abnormal return",
        "return of the company less what its benchmark model expected that day, times the sign of the event",
    ),
    (
        "95 % interval or band",
        "in 95 of 100 such samples it would hold the true number; by t over episodes where nothing else is said",
    ),
    (
        "t, p",
        "mean over its standard error, and how often chance alone gives one as far from zero; two-sided unless said",
    ),
    (
        "Could detect",
        "smallest true mean that this many episodes would reveal in 80 of 100 cases (two-sided, 5 %)",
    ),
    (
        "Random calendars",
        "every event moved to an ordinary session of the same companies, many times: their means are chance alone",
    ),
    (
        "Random dates",
        "the whole strategy with its rules and costs on the same events at dates drawn at random",
    ),
    ("Chase", "buying the first open after the reaction to the same events"),
    (
        "Worst twentieth, its mean",
        "historical value at risk and expected shortfall at 95 % of session returns: no distribution is assumed",
    ),
    (
        "Worst, best on the way",
        "lowest and highest return of a position while it was held, from its entry fill, before fees (MAE, MFE)",
    ),
    ("Intercept, slope", "of session returns on the benchmark's, by least squares, with Newey–West errors"),
    (
        "Turnover",
        "value of the fills over twice the mean equity, a year: 1 is the whole book bought and sold once",
    ),
    ("Invested", "share of equity in positions at the close, long and short added"),
    ("n/a", "not defined here; the reason stands beside it"),
)


def render(_: Results) -> Iterator[Block]:
    """The words."""
    yield Terms(WORDS)


def from_page(blocks: Sequence[Block]) -> Iterator[Block]:
    """What numbers and headings of the page say on hover."""
    found = terms(blocks)
    if found:
        yield Text("How the numbers under each heading are made, money in the currency of the book:")
        yield Terms(found)


SECTION = Section("Glossary", 90, render, always, SUBJECTS, from_page)
