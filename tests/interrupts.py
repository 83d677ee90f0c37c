"""Processes that hear Ctrl-C, also where the tests themselves run in the background and do not."""

from __future__ import annotations

import signal
from typing import Any


def hearing() -> dict[str, Any]:
    """Arguments of `subprocess.Popen`: what a shell starts in the background ignores interrupts, its children too."""
    return {"preexec_fn": _hear}


def _hear() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
