"""Fuzz target: any text whatever is a filter or a refusal of one line, quickly, and never anything else.

``python tests/fuzz_filters.py --seconds 60 --seed 1`` writes how many texts it tried, and the first that breaks
the promise. `check` takes bytes, as coverage-guided fuzzers want.
"""

from __future__ import annotations

import argparse
import random
import time

from universes.errors import BadExpression
from universes.fields import parse_companies, parse_events

WORDS = (
    "stage", "minerals", "score", "float_share", "china_linked", "announced", "kind", "tier", "purity", "symbol",
    "nan",
    "and", "or", "not", "in", "is", "missing", "true", "false",
    "==", "!=", "<", "<=", ">", ">=", "=", "+", "-", "*", "/",
    "(", ")", "[", "]", ",",
    "'pfs'", '"AU"', "'rare-earths'", "'2025-02-30'", "500e6", "1e999", "0x10", "1_000", "-0.0",
    "__import__", "lambda", ".", ";", "\\", "`", "{", "}", "@", "'", '"', "\n", "\t", "\x00", "\u202e", "é", "𝟙",
)  # fmt: skip
SEEDS = (
    "stage >= 'pfs' and 'rare-earths' in minerals",
    "0.25 <= float_share < 0.5 or not china_linked",
    "tier in ['allied', 'domestic'] and purity is not missing",
    "kind == 'export-control' and announced >= '2023-01-01'",
)
# A reader types for seconds; no filter may make him wait, read twice as it is here.
MOST_SECONDS = 1.0


def check(data: bytes) -> None:
    """Parse the bytes as text; anything but an expression or a `BadExpression` of one line goes through."""
    text = data.decode("utf-8", errors="replace")
    for parse in (parse_companies, parse_events):
        refusal = None
        try:
            parse(text)
        except BadExpression as error:
            refusal = error
        assert refusal is None or 0 <= refusal.position <= len(text), refusal


def text(draw: random.Random) -> str:
    """A filter with words put in, taken out, doubled and swapped; or words at random."""
    if draw.random() < 0.3:
        return "".join(draw.choice(WORDS) + draw.choice(("", " ")) for _ in range(draw.randrange(1, 40)))
    words = draw.choice(SEEDS).split(" ")
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(len(words) + 1)
        kind = draw.randrange(4)
        if kind == 0 or not words:
            words.insert(at, draw.choice(WORDS))
        elif kind == 1:
            del words[at - 1]
        elif kind == 2:
            words[at - 1] = draw.choice(WORDS)
        else:
            words = words * draw.randrange(1, 40)
    return " ".join(words)


def main() -> None:
    """Try texts until the time is over."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    draw, tried, end = random.Random(given.seed), 0, time.monotonic() + given.seconds
    while time.monotonic() < end:
        filter_ = text(draw)
        begin = time.perf_counter()
        try:
            check(filter_.encode("utf-8", errors="replace"))
            # Timed here alone: a test must not fail because the machine is busy.
            assert time.perf_counter() - begin < MOST_SECONDS, "too slow"
        except Exception:
            print(f"seed {given.seed}, text {tried}: {filter_!r}")
            raise
        tried += 1
    print(f"{tried:,} texts, each a filter or a refusal")


if __name__ == "__main__":
    main()
