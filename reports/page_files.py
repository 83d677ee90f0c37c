"""Scripts and style of a page, inside it or beside it, and the policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reports.table_columns import column_rules
from universes.atomic import check_folder, write_file
from universes.errors import CannotWrite

HERE = Path(__file__).parent
DARK = "@media (prefers-color-scheme: dark)"


def policy(scripts: Iterable[str]) -> str:
    """Content security policy that runs these inline scripts and fetches nothing.

    Parameters
    ----------
    scripts : iterable of str
        Text of each script element.

    Returns
    -------
    str
        Each script by its SHA-256.
    """
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{text}'" for text in hashes) or "'none'"
    return _policy(allowed, "'unsafe-inline'")


def _policy(scripts: str, styles: str) -> str:
    # plotly sets style attributes and adds a style element; an image of a chart is a blob.
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


# A page opened from a disk has no origin: its own folder is named by the scheme.
ASSETS = _policy("'self' file:", "'self' file: 'unsafe-inline'")


def put_beside(named: Iterable[tuple[str, str]], target: Path, folder: Path) -> tuple[str, ...]:
    """Write files into a folder, each named by what it holds, and give their addresses from the page.

    Parameters
    ----------
    named : iterable of (str, str)
        Name and text.
    target : Path
        The page.
    folder : Path
        Made where it is not there.

    Raises
    ------
    CannotWrite
        If the folder cannot be made or written.
    """
    _make(folder)
    away = quote(Path(os.path.relpath(folder.resolve(), target.parent.resolve())).as_posix())
    written = []
    for name, content in named:
        stem, _, suffix = name.rpartition(".")
        own = f"{stem}-{hashlib.sha256(str(content).encode()).hexdigest()[:12]}.{suffix}"
        write_file(folder / own, str(content))
        written.append(f"{away}/{own}")
    return tuple(written)


def _make(folder: Path) -> None:
    check_folder(folder)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be made: {error.strerror}; choose another folder") from None
    check_folder(folder / "scripts.js")


def scripts_of(*, drawn: bool) -> tuple[tuple[str, str], ...]:
    """Name and text of the scripts in the order they run; the chart library only where there is a chart.

    Parameters
    ----------
    drawn : bool
        Whether there is a chart.
    """
    if not drawn:
        return (("tables.js", _own("tables.js")),)
    from markupsafe import Markup

    from reports.charts import library

    plotly = Markup(library())  # noqa: S704  text of the installed package
    return ("tables.js", _own("tables.js")), ("plotly.js", plotly), ("charts.js", _own("charts.js"))


def style_of(theme: str, columns: int) -> Any:
    """The style sheet, its dark colours for everybody, nobody, or who asks for them.

    Parameters
    ----------
    theme : {"auto", "light", "dark"}
        Whose colours.
    columns : int
        Of the widest table.
    """
    from markupsafe import Markup

    given = {"auto": DARK, "dark": "@media screen", "light": "@media not all"}[theme]
    scheme = "light dark" if theme == "auto" else theme
    sheet = (HERE / "style.css").read_text("utf-8").replace(DARK, given)
    sheet = sheet.replace("/* columns */", column_rules(columns))
    return Markup(sheet.replace("color-scheme: light dark", f"color-scheme: {scheme}"))  # noqa: S704  our own file, never data


def _own(name: str) -> Any:
    """A file of this package as it stands, for the template not to escape."""
    from markupsafe import Markup

    return Markup((HERE / name).read_text("utf-8"))  # noqa: S704  our own file, never data
