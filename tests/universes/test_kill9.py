"""Writers killed at any instant leave every snapshot whole; a naive writer does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def counts(kills: int, *more: str) -> dict[str, int]:
    command = [sys.executable, "tests/kill9.py", "--kills", str(kills), "--seed", "1", *more]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    before, last = done.stdout.splitlines()
    found = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", last)}
    assert list(found) == ["kills", "reads", "corrupt"]
    middle = re.search(r"(\d+) puts finished, (\d+) kills during a put, (\d+) temporary", before)
    return found | dict(zip(("puts", "hits", "left"), map(int, middle.groups())))


def check(kills: int) -> None:
    store = counts(kills)

    assert store["kills"] == kills
    assert store["corrupt"] == 0
    assert store["reads"] > kills
    # Else the kills would miss what they are to hit: a share of them lands between open and rename.
    assert store["hits"] > kills / 5
    assert store["left"] > kills / 50


def check_control(kills: int) -> None:
    naive = counts(kills, "--naive")

    assert naive["kills"] == kills
    assert naive["corrupt"] > naive["reads"] / 20


def test_forty_kills_corrupt_no_read():
    check(40)


def test_forty_kills_of_a_naive_writer_corrupt_many_reads():
    check_control(40)


@pytest.mark.slow
def test_a_thousand_kills_corrupt_no_read():
    check(1000)


@pytest.mark.slow
def test_a_thousand_kills_of_a_naive_writer_corrupt_many_reads():
    check_control(1000)
