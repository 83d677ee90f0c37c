"""The strategies of the library and those of one's own: making one from what users type, and what each takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from inspect import cleandoc, signature
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from strategies import user_file
from strategies.plan import Strategy
from universes import plugins
from universes.errors import BadParameter, did_you_mean

LIBRARY = "strategies.library"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a strategy.

    Parameters
    ----------
    name : str
        As typed after ``-p``.
    kind : str
        Type in words: ``float or None``, ``{"month", "quarter"}``.
    default : str
        As it would be typed; empty where it must be given.
    doc : str
        First sentence of what the strategy says of it; empty where it says nothing.
    """

    name: str
    kind: str
    default: str
    doc: str


def names() -> tuple[str, ...]:
    """Names of the strategies in the library, sorted."""
    return plugins.names(LIBRARY)


def strategy_class(name: str) -> type:
    """Class of a strategy.

    Parameters
    ----------
    name : str
        One of `names`, or ``path/to/file.py:Name`` for one's own.

    Raises
    ------
    UnknownName
        If there is no such strategy, file, or name in the file.
    BadParameter
        If what is named is not a strategy.
    UserCodeError
        If the file raises.
    """
    if user_file.is_file(name):
        return user_file.load(name)
    cls: type = plugins.load(LIBRARY, name, "STRATEGY", "strategy")
    return cls


def make(name: str, parameters: Mapping[str, str]) -> Strategy:
    """A strategy with parameters given as text.

    Parameters
    ----------
    name : str
        One of `names`, or ``path/to/file.py:Name`` for one's own.
    parameters : mapping of str to str
        By field name; each text is read as the field's type, ``none`` as None where the field allows it. A
        placebo takes those of its twin too.

    Raises
    ------
    UnknownName
        If there is no such strategy, file, or name in the file.
    BadParameter
        If a parameter is unknown, not of its type, or out of range.
    UserCodeError
        If the user's file raises.
    """
    return build(name, typed(name, parameters))


def typed(name: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Values of parameters given as text, each as the type of its field.

    Parameters and errors are those of `make`; that the values are in range is not looked at.
    """
    known = _known(name, parameters)
    return {key: _read(f"{name}: {key}", text, known[key]) for key, text in parameters.items()}


def build(name: str, values: Mapping[str, Any]) -> Strategy:
    """A strategy with parameters given as values.

    Parameters
    ----------
    name : str
        One of `names`, or ``path/to/file.py:Name`` for one's own.
    values : mapping of str to value
        By field name.

    Raises
    ------
    UnknownName, BadParameter, UserCodeError
        As for `make`.
    """
    cls = strategy_class(name)
    _known(name, values)
    lacking = [
        item.name
        for item in _fields(cls)
        if item.default is MISSING and item.default_factory is MISSING and item.name not in values
    ]
    if lacking:
        raise BadParameter(f"{name} needs {', '.join(lacking)}: give -p {lacking[0]}=VALUE")
    strategy: Strategy = cls(**values)
    return strategy


def wants_scores(strategy: Strategy) -> bool:
    """Whether a plan takes the alignment scores: whether it has a parameter of that name; of a placebo, its twin's."""
    planner = getattr(strategy, "twin", strategy)
    return "scores" in signature(planner.plan).parameters


def describe(name: str) -> tuple[Parameter, ...]:
    """What a strategy takes, in the order of its fields; a placebo takes the parameters of its twin too.

    Parameters
    ----------
    name : str
        One of `names`, or ``path/to/file.py:Name`` for one's own.

    Raises
    ------
    UnknownName, BadParameter, UserCodeError
        As for `make`.
    """
    cls = strategy_class(name)
    hints, docs = _hints(name, cls), _docs(cls)
    found = []
    for item in _fields(cls):
        if item.metadata.get("typed", True):
            kind, doc = docs.get(item.name, (_in_words(hints[item.name]), ""))
            found.append(Parameter(item.name, kind, _default(item), doc))
    return tuple(found)


def _known(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Type of each parameter that a strategy takes, by name; one that it does not take is refused."""
    if not given:
        return {}
    cls = strategy_class(name)
    known = _hints(name, cls)
    shown = [item.name for item in _fields(cls) if item.metadata.get("typed", True)]
    # A placebo takes the parameters of the strategy that it is a placebo of.
    twin_name = getattr(cls, "twin_name", None)
    if twin_name is not None:
        twin = _hints(twin_name(given), strategy_class(twin_name(given)))
        known, shown = twin | known, [*shown, *twin]
    for key in given:
        if key not in known:
            hint = (
                did_you_mean(key, shown)
                or "; it has none: make it a dataclass, its fields are the parameters"
            )
            raise BadParameter(f"{name} has no parameter {key!r}{hint}")
    return known


def _fields(cls: type) -> list[Field[Any]]:
    return [item for item in fields(cls) if item.init] if is_dataclass(cls) else []


def _hints(name: str, cls: type) -> dict[str, Any]:
    """Types of the fields of a strategy, by name."""
    given = _fields(cls)
    try:
        hints = get_type_hints(cls) if given else {}
    except NameError as error:
        raise BadParameter(
            f"the type of a field of {name} cannot be read: {error}; import it outside of TYPE_CHECKING"
        ) from None
    return {item.name: hints[item.name] for item in given}


def _docs(cls: type) -> dict[str, tuple[str, str]]:
    """Type and first sentence of each parameter in a numpydoc docstring, by name."""
    section = cleandoc(cls.__doc__ or "").partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    found: dict[str, tuple[str, str]] = {}
    for head, text in re.findall(r"^(\w.*? : .+)\n((?:[ ]+.+\n?)*)", section, flags=re.MULTILINE):
        said, _, kind = head.partition(" : ")
        sentence = " ".join(text.split()).partition(". ")[0].rstrip(".")
        found |= dict.fromkeys(said.split(", "), (kind, sentence))
    return found


def _default(item: Field[Any]) -> str:
    value = item.default
    if value is MISSING:
        if item.default_factory is MISSING:
            return ""
        value = item.default_factory()
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _read(name: str, text: str, kind: Any) -> Any:
    """A text as the first of the types of a field that it can be read as."""
    kinds = _alternatives(kind)
    if text == "none" and NoneType in kinds:
        return None
    readable = [item for item in kinds if item in _READERS or get_origin(item) is Literal]
    for item in readable:
        try:
            return _literal(text, item) if get_origin(item) is Literal else _READERS[item][0](text)
        except ValueError:
            continue
    if not readable:
        raise BadParameter(f"{name} cannot be given as text: only int, float, bool, str and Literal can")
    wanted = [_in_words(item) if get_origin(item) is Literal else _READERS[item][1] for item in readable]
    wanted += ["none"] if NoneType in kinds else []
    raise BadParameter(f"{name} is {text!r}: it must be {' or '.join(wanted)}")


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _literal(text: str, kind: Any) -> Any:
    known = {str(value): value for value in get_args(kind)}
    if text not in known:
        raise ValueError(text)
    return known[text]


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (_flag, "true or false"),
    str: (str, "text"),
}


def _in_words(kind: Any) -> str:
    """A type as one would say it."""
    if get_origin(kind) is Literal:
        return "{" + ", ".join(repr(value) for value in get_args(kind)).replace("'", '"') + "}"
    if len(_alternatives(kind)) > 1:
        return " or ".join(_in_words(item) for item in _alternatives(kind))
    return "None" if kind is NoneType else str(getattr(kind, "__name__", kind))
