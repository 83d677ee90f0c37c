"""The strategies that ship with Lodestone, and making one from what users type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from strategies.plan import Strategy
from universes import plugins
from universes.errors import BadParameter, did_you_mean

LIBRARY = "strategies.library"


def names() -> tuple[str, ...]:
    """Names of the strategies in the library, sorted."""
    return plugins.names(LIBRARY)


def make(name: str, parameters: Mapping[str, str]) -> Strategy:
    """A library strategy with parameters given as text.

    Parameters
    ----------
    name : str
        One of `names`.
    parameters : mapping of str to str
        By field name; each text is read as the field's type, ``none`` as None where the field allows it.

    Raises
    ------
    UnknownName
        If there is no such strategy.
    BadParameter
        If a parameter is unknown, not of its type, or out of range.
    """
    cls = plugins.load(LIBRARY, name, "STRATEGY", "strategy")
    known = [item.name for item in fields(cls)]
    hints = get_type_hints(cls)
    values = {}
    for key, text in parameters.items():
        if key not in known:
            raise BadParameter(f"{name} has no parameter {key!r}{did_you_mean(key, known)}")
        values[key] = _read(f"{name}: {key}", text, hints[key])
    return cls(**values)


def _read(name: str, text: str, kind: Any) -> Any:
    kinds = getattr(kind, "__args__", (kind,))
    if text == "none" and type(None) in kinds:
        return None
    readers: dict[Any, tuple[Callable[[str], Any], str]] = {
        int: (int, "a whole number"),
        float: (float, "a number"),
        bool: (_flag, "true or false"),
        str: (str, "text"),
    }
    reader, wanted = readers[next(item for item in kinds if item in readers)]
    try:
        return reader(text)
    except ValueError:
        raise BadParameter(f"{name} is {text!r}: it must be {wanted}") from None


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"
