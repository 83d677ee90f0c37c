"""A study drawn in a notebook."""

from __future__ import annotations

import pytest
import worlds
from study_worlds import in_view

from strategies import study
from universes.errors import BadParameter

SHORT = {"window": (-2, 4), "estimation": 20, "gap": 2, "least_estimation": 15, "draws": 0}
SESSIONS = worlds.sessions(120)


def events(*sessions):
    return worlds.calendar(
        *(
            worlds.event(f"e{at}", f"{SESSIONS[session]:%Y-%m-%d}T12:00:00+00:00", ["AAA"])
            for at, session in enumerate(sessions)
        )
    )


def test_the_figure_has_the_path_and_its_band():
    found = study(in_view({"AAA": {40: 0.02, 70: 0.04, 100: 0.03}}, count=120), events(40, 70, 100), **SHORT)

    figure = found.plot()

    assert type(figure).__module__.startswith("plotly")
    drawn = [list(trace.y) for trace in figure.data if trace.y is not None]
    assert any(line == pytest.approx(found.path["cumulative"].tolist(), nan_ok=True) for line in drawn)
    assert figure.layout.title.text == f"{found.grade}: 3 dates"


def test_nothing_to_draw_is_said():
    found = study(in_view({"AAA": {}}, count=120), worlds.calendar(), **SHORT)

    with pytest.raises(BadParameter, match="no path to draw"):
        found.plot()
