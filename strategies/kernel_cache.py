"""How the kernels are compiled: once a machine, kept on disk, compiled again when any of their files changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Without `fastmath`: a sum must not depend on the processor. With numpy's division, which does not raise.
# `_nrt`: without counting references to arrays, of which every field of a book would be counted at every call; a kernel
# then cannot make an array, and need not.
_OPTIONS = {"_nrt": False, "nogil": True, "error_model": "numpy", "fastmath": False}
# Typed as its decorated function, and without `_nrt`, which numba's types do not know.
_njit: Any = numba.njit


# Beside the files named kernel…: those whose functions or numbers become part of a compiled kernel.
SOURCES = (
    "arrays",
    "book",
    "costs",
    "entry_orders",
    "metrics",
    "own_capital",
    "plan",
    "sizing",
    "tape",
    "tickets",
)


def inlined(function: Function) -> Function:
    """A compiled function that becomes part of those that call it: passing a book costs nothing."""
    return _njit(forceinline=True, **_OPTIONS)(function)


def compiled(function: Function) -> Function:
    """A compiled function that Python calls, kept on disk where that is possible.

    numba looks at the file of the function that it keeps, not at those of what is compiled into it, and fails on what
    it kept of types that are gone. So the name under which it is kept has the edition of the sources in it.
    """
    function.__qualname__ = f"{function.__qualname__}_{edition()}"
    try:
        return _njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        # numba finds no folder that it may write to: compile in every process.
        return _njit(**_OPTIONS)(function)


@cache
def edition() -> str:
    """Short digest of the kernels' sources."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem.startswith("kernel") or path.stem in SOURCES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
