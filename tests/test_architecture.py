"""The arrows between packages run one way, and some libraries have one door."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("universes", "screener", "strategies", "reports")
MAY_IMPORT = {
    "universes": set(),
    "screener": {"universes"},
    "strategies": {"universes"},
    "reports": {"universes", "screener", "strategies"},
}
ONE_DOOR = (
    "yfinance",
    "vectorbt",
    "quantstats",
    "plotly",
    "dask",
    "distributed",
    "numba",
    "arch",
    "exchange_calendars",
)


def imports(source: str) -> Iterator[str]:
    """Top-level package of every import of a module, wherever it stands, those for types alone included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def wrong_arrows(package: str, source: str) -> set[str]:
    """Packages of ours that a source imports and must not."""
    found = {name for name in imports(source) if name in PACKAGES}
    return found - MAY_IMPORT[package] - {package}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_imports_one_above_or_beside_it(package):
    wrong = {path.name: wrong_arrows(package, path.read_text()) for path in sources(package)}

    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_planted_upward_import_is_seen():
    assert wrong_arrows("strategies", "def f():\n    from screener.score import score") == {"screener"}
    assert wrong_arrows("universes", "if TYPE_CHECKING:\n    import reports") == {"reports"}


def files_imported(path: Path, known: set[str]) -> set[str]:
    """Modules of ours that a file imports by name, wherever the import stands; façades are no part of a circle."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found & known


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """One circle of modules, the first last; empty when there is none."""
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        found = next((seen for to in sorted(arrows[module]) if (seen := walk(to, (*way, module)))), [])
        done.add(module)
        return found

    return next((seen for module in sorted(arrows) if (seen := walk(module, ()))), [])


def test_no_modules_import_one_another_in_a_circle():
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for package in PACKAGES
        for path in sources(package)
    }
    modules = {name: path for name, path in paths.items() if path.name != "__init__.py"}

    assert circle({name: files_imported(path, set(modules)) for name, path in modules.items()}) == []


def test_a_planted_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize("library", ONE_DOOR)
def test_a_library_with_one_door_is_imported_by_one_file_at_most(library):
    doors = [
        path for package in PACKAGES for path in sources(package) if library in imports(path.read_text())
    ]

    assert len(doors) <= 1, doors


def test_vectorbt_plotly_and_exchange_calendars_are_really_used():
    used = {name for package in PACKAGES for path in sources(package) for name in imports(path.read_text())}

    assert {"vectorbt", "plotly", "exchange_calendars"} <= used


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("package", PACKAGES)
def test_a_facade_imports_nothing_heavy(package):
    heavy = {"pandas", "numpy", "vectorbt", "plotly", "scipy", "jinja2", "exchange_calendars", "rich"}

    assert modules_after(f"import {package}") & heavy == set()


def test_help_imports_no_command():
    run = "from click.testing import CliRunner\nfrom screener.cli import main\nCliRunner().invoke(main, ['--help'])"

    loaded = modules_after(run)

    assert loaded & {"pandas", "numpy", "rich", "strategies", "reports"} == set()


def test_the_screen_command_needs_no_pandas():
    run = (
        "from click.testing import CliRunner\nfrom screener.cli import main\n"
        "result = CliRunner().invoke(main, ['screen', '--as-of', '2025-07-09', '--format', 'json'])\n"
        "assert result.exit_code == 0, result.output"
    )

    assert modules_after(run) & {"pandas", "numpy", "vectorbt", "plotly", "matplotlib"} == set()


def test_nothing_reads_pickles_or_runs_text():
    banned = {"pickle", "joblib", "dill", "shelve", "diskcache", "cloudpickle"}
    for package in PACKAGES:
        for path in sources(package):
            tree = ast.parse(path.read_text())
            called = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & {"eval", "exec", "compile"}, path
            assert not set(imports(path.read_text())) & banned, path
