"""The same plan in fresh processes of other hash seeds and time zones, on a small simulated market.

The processes are started with a name of a strategy and its parameters, and say the SHA-256 of what it decides.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strategies.plan import Entries, Plan, Strategy
from universes.errors import LodestoneError

if TYPE_CHECKING:
    from strategies.changed_markets import World

# Hash seed and time zone of each process: of one date, one is before Greenwich and one behind it.
MACHINES = (("0", "UTC"), ("1", "America/New_York"), ("2", "Australia/Sydney"))
FIRST, LAST = "2023-01-01", "2024-12-31"
# Longer than any machine needs: the market is small.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How another process makes a strategy again.

    Parameters
    ----------
    name : str
        Of the library, or ``path/to/file.py:Name``.
    values : dict
        Its fields.
    """

    name: str
    values: dict[str, Any]


def recipe(strategy: Strategy) -> Recipe | str:
    """How to make a strategy again, or why another process cannot."""
    from strategies.catalog import build
    from strategies.statement import name_of, parameters_of

    cls = type(strategy)
    name, values = name_of(strategy), parameters_of(strategy)
    if not cls.__module__.startswith("strategies.library."):
        if not cls.__module__.startswith("lodestone_user_"):
            return "an object made in Python: another process cannot make it again; give FILE.py:NAME"
        name = f"{sys.modules[cls.__module__].__file__}:{cls.__qualname__}"
    try:
        read = json.loads(json.dumps(values, allow_nan=False))
        again = build(name, read)
    except (LodestoneError, TypeError, ValueError):
        return "its parameters cannot be written down for another process"
    if parameters_of(again) != values:
        return "its parameters cannot be written down for another process"
    return Recipe(name, read)


class Processes:
    """Processes that run at the same time as the rest of an audit; leaving the context ends them.

    Parameters
    ----------
    made : Recipe
        Of the strategy.
    seed : int
        Of the simulated market.
    machines : sequence of (str, str)
        Hash seed and time zone of each process.
    """

    def __init__(self, made: Recipe, seed: int, machines: tuple[tuple[str, str], ...] = MACHINES) -> None:
        self.machines = machines
        text = json.dumps({"name": made.name, "values": made.values, "seed": seed})
        self.children = [_start(text, hash_seed, zone) for hash_seed, zone in machines]

    def results(self) -> list[dict[str, str]]:
        """``digest`` of each process, or ``error``, in the order of the machines."""
        return [_result(child) for child in self.children]

    def stop(self) -> None:
        """End what still runs."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()


def _start(text: str, hash_seed: str, zone: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": path}
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "strategies.look_ahead_process", text],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _result(child: subprocess.Popen[str]) -> dict[str, str]:
    try:
        out, said = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {PATIENCE:g} seconds"}
    lines = out.splitlines()
    if child.returncode or not lines:
        return {"error": (said.strip().splitlines() or ["it ended without a word"])[-1]}
    result: dict[str, str] = json.loads(lines[-1])
    return result


def small_world(seed: int) -> World:
    """Two years of the simulated market with the shipped events, and scores drawn at random."""
    import numpy as np
    import pandas as pd

    from strategies.changed_markets import World
    from strategies.ground import eligible_members
    from universes.assemble import market
    from universes.catalog import load, shipped_events

    opened = market(load(), "simulated", start=FIRST, end=LAST, seed=seed)
    shape = len(opened.sessions), len(opened.symbols)
    scores = np.random.default_rng(seed).uniform(0, 100, shape)
    return World(
        opened,
        shipped_events(),
        eligible_members(None, opened),
        pd.DataFrame(scores, index=opened.sessions, columns=list(opened.symbols)),
    )


def digest(plan: Plan) -> str:
    """SHA-256 of all that a plan decides, to the last bit; the order of its entries does not count."""
    if isinstance(plan, Entries):
        told = "\n".join(sorted(map(repr, plan.entries)))
        return hashlib.sha256(told.encode()).hexdigest()
    return hashlib.sha256(plan.table.to_numpy(dtype=float).tobytes()).hexdigest()


def answer(asked: dict[str, Any]) -> dict[str, str]:
    """Digest of the plan of the strategy that was asked for, or the error that it raised."""
    from strategies.catalog import build
    from strategies.look_ahead_probes import decide

    try:
        plan = decide(build(asked["name"], asked["values"]), small_world(asked["seed"]))
    except LodestoneError as error:
        return {"error": " ".join(str(error).split())}
    return {"digest": digest(plan)}


if __name__ == "__main__":
    # A line of its own: the user's code may print too.
    sys.stdout.write("\n" + json.dumps(answer(json.loads(sys.argv[1]))) + "\n")
