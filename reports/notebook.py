"""A tearsheet inside a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from reports.page import page
from reports.subjects import Subject

HEIGHT = 900


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as notebooks display it: in a frame of its own, so that neither's style touches the other.

    Parameters
    ----------
    content : str
        The page.
    """

    content: str

    def _repr_html_(self) -> str:
        # Sandboxed without its own origin: the page's scripts run, save tables, and reach nothing of the notebook.
        return (
            f'<iframe srcdoc="{html.escape(self.content)}" sandbox="allow-scripts allow-downloads allow-popups" '
            f'width="100%" height="{HEIGHT}" style="border: 0" title="Tearsheet"></iframe>'
        )


def shown(result: Subject, **look: Any) -> Shown:
    """The page of a result for a notebook.

    Parameters
    ----------
    result : Backtest or another of `reports.subjects`
        What to show.
    **look
        As for `reports.page.page`.
    """
    return Shown(page((result,), **look))
