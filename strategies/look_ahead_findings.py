"""What an audit found, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from strategies.look_ahead_names import PROBES


@dataclass(frozen=True, slots=True)
class Leak:
    """A decision that changed when what it may not depend on was changed.

    Parameters
    ----------
    probe : str
        Which probe found it.
    decided : str
        Date of the decision, ``YYYY-MM-DD``; empty where it is not known which.
    symbol, field : str
        Of the decision; `field` is ``entry`` where there is one less or more, ``weight`` for a weight, ``plan`` where
        all of it was refused, ``sha256`` where only a digest is known.
    before, after : str
        What was decided on the market as it is, and on the changed one.
    change : str
        What was changed, in words.
    others : int
        Further decisions that this change moved.
    """

    probe: str
    decided: str
    symbol: str
    field: str
    before: str
    after: str
    change: str
    others: int = 0

    def __str__(self) -> str:
        name = f" in {self.symbol}" if self.symbol else ""
        when = f"A decision of {self.decided}{name}" if self.decided else "Decisions"
        told = f"({self.field}: {self.before}, then {self.after})"
        return f"{when} changed when {self.change}: {PROBES[self.probe]} {told}."


@dataclass(frozen=True, slots=True)
class Probe:
    """What one probe did.

    Parameters
    ----------
    name : str
        One of `strategies.look_ahead_names.PROBES`.
    runs : int
        Changed markets, or processes, on which the strategy was run; 0 when the probe was not run.
    leaks : int
        How many of them changed a decision.
    reason : str
        Why it was not run, or what it covered.
    """

    name: str
    runs: int
    leaks: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found; `str` is for people.

    Parameters
    ----------
    strategy : str
        Its name.
    probes : tuple of Probe
        Those that were asked for, run or not.
    findings : tuple of Leak
        At most three a probe.
    decisions : int
        Entries, or rows with weights, of the market as it is: with none the audit says nothing.
    settings : mapping
        Draws, seed, period, how many rows the future was changed after.
    """

    strategy: str
    probes: tuple[Probe, ...]
    findings: tuple[Leak, ...]
    decisions: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether no probe moved a decision."""
        return not self.findings

    def __str__(self) -> str:
        from universes.rendering import as_table

        table = as_table(("probe", "result", "runs", "note"), [_line(probe) for probe in self.probes])
        return "\n\n".join([_head(self), *(str(leak) for leak in self.findings), table, _tried(self)])


def _line(probe: Probe) -> tuple[str, str, str, str]:
    if not probe.runs:
        return probe.name, "not run", "", probe.reason
    return probe.name, f"leak in {probe.leaks}" if probe.leaks else "clean", str(probe.runs), probe.reason


def _head(found: Audit) -> str:
    run = [probe for probe in found.probes if probe.runs]
    if not found.clean:
        return f"{found.strategy}: {sum(probe.leaks > 0 for probe in run)} of {len(run)} probes found a leak."
    if not found.decisions:
        return f"{found.strategy}: it decided nothing here, so there was nothing to find."
    of = f"{len(run)} of {len(found.probes)} probes"
    return f"{found.strategy}: no leak found in {found.decisions} decisions by {of}."


def _tried(found: Audit) -> str:
    settings = found.settings
    return (
        f"The future was changed after {settings['rows']} of {settings['sessions']} sessions, drawn with seed "
        f"{settings['seed']}: a leak that shows only after others can have been missed; --draws tries more."
    )
