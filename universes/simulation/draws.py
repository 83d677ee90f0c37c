"""Random numbers: one stream a name, so that no name's prices depend on who else is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from universes.simulation import parameters as p

Numbers = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.signedinteger[Any]]


def weekdays() -> npt.NDArray[np.datetime64]:
    """The L weekdays of the horizon: the model's own steps, whichever exchanges are asked for."""
    days = np.arange(np.datetime64(p.FIRST), np.datetime64(p.LAST) + 1)
    return np.asarray(days[np.is_busday(days)])


@dataclass(frozen=True, eq=False)
class Draws:
    """All the randomness of one symbol; L weekdays.

    Parameters
    ----------
    overnight, intraday : ndarray of shape (L,)
        The two parts of the symbol's own shock; together a Student-t of variance about 1.
    above, below, volume : ndarray of shape (L,)
        Standard normals behind the high, the low and the volume.
    halt, halt_length, quiet : ndarray of shape (L,)
        Uniform on [0, 1).
    start, yield_, ex_day, premium : float
        Uniform on [0, 1): first price, dividend yield, day of the ex-dates, premium of a deal.
    collapse : ndarray of shape (COLLAPSE_SESSIONS,)
        Positive, sum 1: how a collapse is spread.
    """

    overnight: Numbers
    intraday: Numbers
    above: Numbers
    below: Numbers
    volume: Numbers
    halt: Numbers
    halt_length: Numbers
    quiet: Numbers
    start: float
    yield_: float
    ex_day: float
    premium: float
    collapse: Numbers


def draws(symbol: str, seed: int, length: int) -> Draws:
    """Draws of one symbol; the same for the same symbol and seed."""
    stream = generator(symbol, seed)
    normal = stream.standard_normal((5, length))
    scale = student_scale(stream, p.OWN_DEGREES, length)
    uniform = stream.random((3, length))
    start, yield_, ex_day, premium = (float(value) for value in stream.random(4))
    collapse = stream.standard_exponential(p.COLLAPSE_SESSIONS)
    share = p.OVERNIGHT_SHARE_OF_OWN_VARIANCE
    return Draws(
        overnight=np.sqrt(share) * scale * normal[0],
        intraday=np.sqrt(1 - share) * scale * normal[1],
        above=normal[2],
        below=normal[3],
        volume=normal[4],
        halt=uniform[0],
        halt_length=uniform[1],
        quiet=uniform[2],
        start=start,
        yield_=yield_,
        ex_day=ex_day,
        premium=premium,
        collapse=collapse / collapse.sum(),
    )


def generator(name: str, seed: int) -> np.random.Generator:
    """Stream of a symbol or factor."""
    return np.random.default_rng([seed, crc32(name.encode())])


def student_scale(stream: np.random.Generator, degrees: int, length: int) -> Numbers:
    """What turns standard normals into Student-t shocks of unit variance, capped."""
    scale = np.sqrt((degrees - 2) / stream.chisquare(degrees, length))
    return np.asarray(np.minimum(scale, p.MOST_SCALE))


def relative_variance(shocks: Sequence[Numbers], arch: float, garch: float) -> Numbers:
    """Conditional variance of each series by step, in units of its long-run variance: GARCH(1,1).

    Parameters
    ----------
    shocks : sequence of K arrays of shape (L,)
        Shocks of unit variance.
    arch, garch : float
        Weights of the last squared return and of the last variance.

    Returns
    -------
    ndarray of shape (K, L)
        Empty when there are no series.

    References
    ----------
    Bollerslev, T. (1986), Generalized autoregressive conditional heteroskedasticity, Journal of Econometrics 31.
    """
    if not shocks:
        return np.zeros((0, 0))
    factor: Any = arch * np.stack(shocks, axis=1) ** 2 + garch
    variance = np.ones_like(factor)
    # One step at a time, all names at once; only sums and products, whose bits do not depend on the width.
    for step in range(1, len(factor)):
        np.multiply(variance[step - 1], factor[step - 1], out=variance[step])
        variance[step] += 1 - arch - garch
    return np.ascontiguousarray(variance.T)
