"""How a walk forward divides episodes and chooses, as typed and as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from strategies import splits
from strategies.episode_measures import MEASURES
from strategies.splits import Episode, Splits
from universes.errors import BadParameter, did_you_mean

COMBINATORIAL = "combinatorial:"


@dataclass(frozen=True, slots=True)
class Spec:
    """How episodes are divided and a set is chosen.

    Parameters
    ----------
    train, test : int
        Of a walk forward, episodes to choose on and to judge by; of combinations `test` counts groups, `train` is 0.
    embargo : int
        Sessions, as in `strategies.splits`.
    groups : int or None
        Of combinations; None for a walk forward.
    anchored : bool
        Whether a walk forward trains on all earlier episodes.
    measure : str
        One of `MEASURES`, the higher the better.
    least : int
        Closed trades in training below which a set is not chosen.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    train: int = 0
    test: int = 1
    embargo: int = 0
    groups: int | None = None
    anchored: bool = False
    measure: str = "mean_episode"
    least: int = 30

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise BadParameter(
                f"walk-forward: no measure {self.measure!r}{did_you_mean(self.measure, sorted(MEASURES))}"
            )
        first = ("train", 1) if self.groups is None else ("groups", 2)
        for name, least in (first, ("test", 1), ("embargo", 0), ("least", 1)):
            if getattr(self, name) < least:
                raise BadParameter(
                    f"walk-forward: {name} is {getattr(self, name)}: it must be a whole number from {least}"
                )
        if self.groups is not None and self.test >= self.groups:
            raise BadParameter(
                f"walk-forward: test={self.test} of groups={self.groups} leaves nothing to train on: test fewer"
            )

    def __str__(self) -> str:
        more = f"embargo={self.embargo},measure={self.measure},least={self.least}"
        if self.groups is not None:
            return f"{COMBINATORIAL}groups={self.groups},test={self.test},{more}"
        return f"train={self.train},test={self.test},anchored={str(self.anchored).lower()},{more}"

    def divide(self, episodes: Sequence[Episode]) -> Splits:
        """Splits of the episodes.

        Raises
        ------
        BadParameter
            If there are too few for it.
        """
        if self.groups is not None:
            return splits.combinatorial_purged(episodes, self.groups, self.test, embargo=self.embargo)
        return splits.walk_forward(
            episodes, train=self.train, test=self.test, embargo=self.embargo, anchored=self.anchored
        )


def parse_spec(text: str) -> Spec:
    """What is typed after ``--walk-forward``.

    ``train=12,test=4,embargo=5`` or ``combinatorial:groups=6,test=2,embargo=5``; further ``anchored=true``,
    ``measure=t_episode`` and ``least=30`` may follow.

    Raises
    ------
    BadParameter
        If it cannot be read, or a value is out of range.
    """
    combined = text.startswith(COMBINATORIAL)
    kinds = {"test": int, "embargo": int, "measure": str, "least": int}
    kinds |= {"groups": int} if combined else {"train": int, "anchored": bool}
    wanted = f"{COMBINATORIAL}groups=6,test=2,embargo=5" if combined else "train=12,test=4,embargo=5"
    given: dict[str, Any] = {}
    for part in text.removeprefix(COMBINATORIAL).split(","):
        name, equals, value = part.partition("=")
        if not equals or name not in kinds or name in given:
            fault = "is given twice" if name in given else "is not understood"
            raise BadParameter(
                f"walk-forward: {part!r} {fault}: write it like {wanted}{did_you_mean(name, sorted(kinds))}"
            )
        given[name] = _read(name, value, kinds[name])
    for name in ("groups", "test", "embargo") if combined else ("train", "test", "embargo"):
        if name not in given:
            raise BadParameter(f"walk-forward: {text!r} lacks {name}: write it like {wanted}")
    return Spec(**given)


def _read(name: str, value: str, kind: type) -> Any:
    if kind is str:
        return value
    if kind is bool and value in ("true", "false"):
        return value == "true"
    if kind is int and value.isascii() and value.isdigit():
        return int(value)
    raise BadParameter(
        f"walk-forward: {name} is {value!r}: it must be {'true or false' if kind is bool else 'a whole number'}"
    )
