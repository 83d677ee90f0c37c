"""eventstudy: the market model of one firm-event after the other, from returns in a CSV file.

Its request is a folder of its own kind: ``returns.csv`` (date, one column a name, and the benchmark), and
``request.json`` with the firm-events as pairs of name and date, the windows, and the repeats.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import eventstudy  # type: ignore[import-not-found]
import numpy as np

from benchmarks.peers.request import timed


def main() -> None:
    """Measure the loop, and keep the abnormal returns, shape (n, L)."""
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "request.json").read_text())
    eventstudy.Single.import_returns(str(folder / "returns.csv"))
    firm_events = [(name, np.datetime64(day)) for name, day in asked["firm_events"]]

    def work() -> list[eventstudy.Single]:
        return [
            eventstudy.Single.market_model(
                security_ticker=name,
                market_ticker=asked["benchmark"],
                event_date=day,
                event_window=tuple(asked["window"]),
                estimation_size=asked["estimation"],
                buffer_size=asked["buffer"],
            )
            for name, day in firm_events
        ]

    seconds, found = timed(work, asked["repeats"])
    np.save(folder / "answer.npy", np.array([item.AR for item in found], dtype=float))
    json.dump({"version": eventstudy.__version__, "seconds": {"loop": seconds}}, sys.stdout)


if __name__ == "__main__":
    main()
