"""Every command and script of the README runs, and every command is in it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[list[str]]:
    """Commands of the shell blocks, but for those that the Makefile or pip run."""
    lines = [line.partition(" #")[0] for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("lodestone ")]


def test_every_command_of_the_readme_runs_in_the_order_it_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # The commands are those of somebody who stands in a clone.
    (tmp_path / "universes").symlink_to(ROOT / "universes")
    assert len(commands()) >= 8
    for words in commands():
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, (words, done.stderr)
        assert done.stdout.strip(), words

    assert (tmp_path / "tearsheet.html").stat().st_size > 100_000


def test_the_script_of_the_readme_is_the_example(tmp_path):
    (script,) = blocks("python")
    example = (ROOT / "examples" / "pullback.py").read_text("utf-8")

    def said(text: str) -> list[str]:
        """Statements without layout, docstring and the order of imports."""
        import ast

        tree = ast.parse(text)
        body = [
            node
            for node in tree.body
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]
        names = sorted(
            f"import {item.name}" for node in body if isinstance(node, ast.Import) for item in node.names
        )
        return names + [ast.unparse(node) for node in body if not isinstance(node, ast.Import)]

    assert said(script) == said(example)


def test_the_example_runs_and_writes_its_tearsheet(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    exec(compile((ROOT / "examples" / "pullback.py").read_text("utf-8"), "pullback.py", "exec"), {})

    assert capsys.readouterr().out.startswith("SIMULATED DATA")
    assert "SIMULATED" in (tmp_path / "pullback.html").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help(name):
    done = CliRunner().invoke(main, [name, "--help"])

    assert f"`lodestone {name} " in README
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) > 5


def test_every_page_that_the_readme_links_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
