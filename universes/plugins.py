"""A file's name is the name users type: list a folder without importing it, load one constant by name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from universes.errors import UnknownName


def names(package: str) -> tuple[str, ...]:
    """Public names in a plug-in package, sorted: its files without leading underscore.

    Parameters
    ----------
    package : str
        Dotted name, as ``"strategies.library"``.
    """
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    stems = {file.stem for folder in folders or () for file in Path(folder).glob("*.py")}
    return tuple(sorted(stem for stem in stems if not stem.startswith("_")))


def load(package: str, name: str, constant: str, kind: str) -> Any:
    """Constant of the plug-in file of that name.

    Parameters
    ----------
    package, name, constant : str
        ``load("strategies.library", "pullback", "STRATEGY", "strategy")``.
    kind : str
        What it is, for the error message.

    Raises
    ------
    UnknownName
        If the package has no such file.
    """
    module = name.replace("-", "_")
    if module not in names(package):
        raise UnknownName(kind, name, names(package))
    return getattr(import_module(f"{package}.{module}"), constant)
