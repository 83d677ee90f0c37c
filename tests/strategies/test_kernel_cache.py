"""A compiled kernel is kept on disk, and never one of other sources."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from strategies import kernel, kernel_cache


def test_where_nothing_can_be_kept_a_kernel_is_compiled_all_the_same(monkeypatch):
    njit = kernel_cache._njit

    def refuse(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(kernel_cache, "_njit", refuse)

    @kernel_cache.compiled
    def twice(value):
        return 2 * value

    assert twice(21) == 42


def test_the_edition_covers_every_file_that_a_kernel_takes_anything_from():
    folder = Path(kernel.__file__).parent
    kernels = [*folder.glob("kernel*.py"), folder / "own_capital.py"]
    taken = {
        node.module.removeprefix("strategies.")
        for path in kernels
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("strategies.")
    }

    assert {name for name in taken if not name.startswith("kernel")} <= set(kernel_cache.SOURCES)


KEPT = """
import sys

from inner_part import twice
from strategies import kernel_cache

kernel_cache.edition = lambda: sys.argv[1]

@kernel_cache.compiled
def kept(value):
    return twice(value)

print(kept(21))
"""


@pytest.mark.slow
def test_a_kept_kernel_is_compiled_again_when_what_is_compiled_into_it_changed(tmp_path):
    inner = (
        "from strategies.kernel_cache import inlined\n@inlined\ndef twice(value):\n    return {} * value\n"
    )

    def result(factor, edition):
        (tmp_path / "inner_part.py").write_text(inner.format(factor))
        path = tmp_path / "outer_part.py"
        if not path.exists():
            path.write_text(KEPT)
        command = [sys.executable, "-B", str(path), edition]
        environment = {"PYTHONPATH": f"{Path(kernel.__file__).parent.parent}:{tmp_path}", "PATH": ""}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return int(done.stdout)

    assert result(2, "a") == 42
    # The same edition is taken from the disk, although the source says otherwise by now.
    assert result(3, "a") == 42
    assert result(3, "b") == 63
