"""An output is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from universes import atomic
from universes.errors import CannotWrite


def test_a_file_is_replaced_as_a_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")

    atomic.write_file(path, "new é")

    assert path.read_text("utf-8") == "new é"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_failed_write_keeps_the_old_file_and_leaves_no_part(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(CannotWrite, match=r"page\.html cannot be written: No space left on device"):
        atomic.write_file(path, "new")

    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_folder_that_is_not_there_is_named_before_any_work(tmp_path):
    with pytest.raises(CannotWrite, match="there is no folder .*missing; make it first"):
        atomic.write_file(tmp_path / "missing" / "page.html", "x")


def test_a_run_folder_replaces_an_earlier_one_of_the_same_files(tmp_path):
    run = tmp_path / "run"
    atomic.write_folder(run, {"a.csv": "1", "b.csv": "2"})

    atomic.write_folder(run, {"a.csv": "3", "b.csv": "4"})

    assert {item.name: item.read_text() for item in run.iterdir()} == {"a.csv": "3", "b.csv": "4"}
    assert os.listdir(tmp_path) == ["run"]


def test_a_folder_with_something_else_in_it_is_never_replaced(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "thesis.doc").write_text("ten years")

    with pytest.raises(CannotWrite, match="holds something else"):
        atomic.write_folder(run, {"a.csv": "1"})

    assert (run / "thesis.doc").read_text() == "ten years"


def test_a_run_that_fails_half_way_leaves_the_old_run(tmp_path, monkeypatch):
    run = tmp_path / "run"
    atomic.write_folder(run, {"a.csv": "1", "b.csv": "2"})
    write = atomic.write_file

    def second_fails(path: Path, content):
        if path.name == "b.csv":
            raise CannotWrite("the disk is full")
        return write(path, content)

    monkeypatch.setattr(atomic, "write_file", second_fails)
    with pytest.raises(CannotWrite):
        atomic.write_folder(run, {"a.csv": "3", "b.csv": "4"})

    assert {item.name: item.read_text() for item in run.iterdir()} == {"a.csv": "1", "b.csv": "2"}
    assert os.listdir(tmp_path) == ["run"]
