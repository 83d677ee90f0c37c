"""A strategy of one's own: a class in a file, named as ``path/to/file.py:Name``."""

from __future__ import annotations

import functools
import hashlib
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from universes.errors import BadParameter, UnknownName, UserCodeError

# What of a strategy the engine or a sweep calls, and what makes one.
CALLED = ("__init__", "plan", "plan_tables")


def is_file(name: str) -> bool:
    """Whether the name of a strategy means a file: ``file.py:Name``, or ``file.py`` without the rest."""
    file, colon, _ = name.rpartition(":")
    return file.endswith(".py") if colon else name.endswith(".py")


def load(name: str) -> type:
    """The class that ``path/to/file.py:Name`` means.

    The file is read anew when it has changed; what it raises, on import, when a strategy is made or when it
    plans, is a `UserCodeError`.

    Parameters
    ----------
    name : str
        Path of the file, as the user wrote it, and the name of a class with a method `plan`.

    Raises
    ------
    UnknownName
        If there is no such file, or no such name in it.
    BadParameter
        If no name is given, or what it names is not a strategy.
    UserCodeError
        If the file raises.
    """
    file, _, wanted = name.rpartition(":") if not name.endswith(".py") else (name, "", "")
    path = Path(file)
    module = _module(path, _content(path))
    found = _strategies(module)
    if not wanted:
        some = (
            f": {path}:{found[0]}" if found else ", and it has no class with a plan(market, events, eligible)"
        )
        raise BadParameter(f"{name} names a file, not the strategy in it: write FILE.py:Name{some}")
    if not hasattr(module, wanted):
        raise UnknownName(f"strategy in {path}", wanted, found)
    return _checked(name, getattr(module, wanted), str(path))


def constant(file: Path | str, name: str) -> Any:
    """What a name means in a user's file; None where the file has no such name.

    Parameters
    ----------
    file : Path or str
        Read anew when it has changed.
    name : str
        Of a constant.

    Raises
    ------
    UnknownName
        If there is no such file.
    UserCodeError
        If the file raises.
    """
    path = Path(file)
    return getattr(_module(path, _content(path, "file")), name, None)


def _content(path: Path, kind: str = "strategy file") -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        beside = path.parent.glob("*.py") if path.parent.is_dir() else ()
        raise UnknownName(kind, str(path), [str(item) for item in beside]) from None
    except OSError as error:
        raise BadParameter(
            f"{path} cannot be read: {error.strerror}; give a readable file of Python"
        ) from None


def _module(path: Path, content: bytes) -> ModuleType:
    """The file as a module of a name that nothing else has: the same while its text is the same."""
    place = str(path.resolve())
    digest = hashlib.sha256(place.encode() + b"\0" + content).hexdigest()
    name = f"lodestone_user_{digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, place, loader=_Given(name, place, content))
    if spec is None or spec.loader is None:
        raise BadParameter(f"{path} is not a file of Python")
    module = module_from_spec(spec)
    # Dataclasses look their module up while it is being run.
    sys.modules[name] = module
    try:
        with user_code(place, f"reading {path}"):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class _Given(SourceFileLoader):
    """Runs a source that has been read, never a compiled file: an edit may leave second and size as they are."""

    def __init__(self, name: str, place: str, content: bytes) -> None:
        super().__init__(name, place)
        self.content = content

    def get_data(self, path: str) -> bytes:
        """Source as it was read."""
        del path
        return self.content

    def path_stats(self, path: str) -> NoReturn:
        """Say that there is nothing to compare a compiled file with, so that none is read or written."""
        raise OSError(path)


def _strategies(module: ModuleType) -> list[str]:
    """Names of the classes that a file itself defines and that have a plan."""
    return sorted(
        name
        for name, item in vars(module).items()
        if isinstance(item, type)
        and item.__module__ == module.__name__
        and callable(getattr(item, "plan", None))
    )


def _checked(name: str, cls: Any, file: str) -> type:
    if not isinstance(cls, type):
        raise BadParameter(
            f"{name} is {type(cls).__name__}, not a class: name the class whose instances plan"
        )
    if not callable(getattr(cls, "plan", None)):
        raise BadParameter(f"{name} is not a strategy: it has no method plan(market, events, eligible)")
    if cls.__module__.startswith("lodestone_user_"):
        _guard(cls, file)
    return cls


def _guard(cls: type, file: str) -> None:
    """Mark what a class raises as the user's, wherever it is called from."""
    place = sys.modules[cls.__module__].__file__ or file
    own = [base for base in cls.__mro__ if base.__module__ == cls.__module__]
    for base in own:
        for method in CALLED:
            given = vars(base).get(method)
            inner = given.__func__ if isinstance(given, classmethod | staticmethod) else given
            if inner is not None and not hasattr(inner, "_lodestone_guarded"):
                guarded = _guarded(inner, place, f"in {base.__name__}.{method}")
                static = staticmethod(guarded) if isinstance(given, staticmethod) else guarded
                setattr(base, method, classmethod(guarded) if isinstance(given, classmethod) else static)


def _guarded(function: Callable[..., Any], place: str, doing: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with user_code(place, doing):
            return function(*given, **named)

    vars(call)["_lodestone_guarded"] = True
    return call


@contextmanager
def user_code(place: str, doing: str) -> Iterator[None]:
    """Run a user's code: what it raises becomes a `UserCodeError` with its own traceback, ours left out.

    Errors of ours that it raises, as for a parameter out of range, pass as they are.

    Parameters
    ----------
    place : str
        File of the code, as in its tracebacks.
    doing : str
        What was being done, for the message.
    """
    from universes.errors import LodestoneError

    try:
        yield
    except LodestoneError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is the user's
        raise _marked(error, place, doing) from None


def _marked(error: BaseException, place: str, doing: str) -> UserCodeError:
    told = traceback.TracebackException.from_exception(error)
    _cut(told, place)
    lines = [frame.lineno for frame in told.stack if frame.filename == place]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    where = f"{Path(place).name}:{line}" if line else Path(place).name
    said = " ".join(str(error).split())
    kind = type(error).__name__
    return UserCodeError(
        f"your code raised {kind}{': ' + said if said else ''} ({where}, {doing}); mend it there",
        place,
        "".join(told.format()),
    )


def _cut(told: traceback.TracebackException, place: str) -> bool:
    """Leave out what stands before the first line of a file, and errors before this one that never passed it."""
    own = [at for at, frame in enumerate(told.stack) if frame.filename == place]
    told.stack = traceback.StackSummary.from_list(list(told.stack)[own[0] :] if own else [])
    if told.__cause__ is not None and not _cut(told.__cause__, place):
        told.__cause__ = None
    if told.__context__ is not None and not _cut(told.__context__, place):
        told.__context__ = None
    return bool(own)
