"""The folder of a sweep: whole pieces or none, one table, and nothing that is not ours is touched."""

from __future__ import annotations

import errno
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.parameter_grid import Grid
from strategies.sweep_results import SweepResults
from universes.errors import BadData, BadParameter, CannotWrite

IDENTITY = {"strategy": "pullback", "grid": {"depth": [0.1, math.nan]}, "sets": 2}
NUMBERS = np.array([[1.0, math.nan], [0.1 + 0.2, -math.inf]])


@pytest.fixture
def kept(tmp_path):
    found = SweepResults(tmp_path / "sweep")
    found.begin(IDENTITY, fresh=False)
    return found


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_piece_comes_back_with_the_same_bits(kept):
    kept.keep(512, NUMBERS)

    assert kept.piece(512, 514, 2).tobytes() == NUMBERS.tobytes()
    assert files(kept.path) == ["manifest.json", "pieces/000000512.npy"]


def test_a_piece_that_is_not_there_or_not_of_this_size_is_none(kept):
    kept.keep(0, NUMBERS)

    assert kept.piece(512, 514, 2) is None
    assert kept.piece(0, 3, 2) is None
    assert kept.piece(0, 2, 3) is None


@given(cut=st.integers(0, 160), garbage=st.binary(max_size=40))
@settings(max_examples=300, derandomize=True)
def test_a_torn_or_foreign_piece_is_none_or_whole(tmp_path_factory, cut, garbage):
    folder = tmp_path_factory.getbasetemp() / "torn"
    (folder / "pieces").mkdir(parents=True, exist_ok=True)
    kept = SweepResults(folder)
    kept.keep(0, NUMBERS)
    piece = folder / "pieces" / "000000000.npy"
    whole = piece.read_bytes()

    piece.write_bytes(whole[:cut] + garbage)

    found = kept.piece(0, 2, 2)
    assert found is None or found.tobytes() == NUMBERS.tobytes()


@pytest.mark.parametrize("lost", [1, 8, 20, 32])
def test_a_piece_whose_end_a_power_cut_left_as_zeros_is_done_again(kept, lost):
    kept.keep(0, NUMBERS)
    piece = kept.path / "pieces" / "000000000.npy"
    whole = piece.read_bytes()
    assert kept.piece(0, 2, 2) is not None

    piece.write_bytes(whole[:-lost] + bytes(lost))

    assert kept.piece(0, 2, 2) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY\x01\x00\x0a\x00{'descr': ("])
def test_a_file_that_is_no_piece_is_done_again(kept, content):
    (kept.path / "pieces" / "000000000.npy").write_bytes(content)

    assert kept.piece(0, 2, 2) is None


def test_numbers_of_another_kind_are_no_piece(kept):
    kept.keep(0, np.array([["a", "b"], ["c", "d"]]))

    assert kept.piece(0, 2, 2) is None


def test_the_table_has_parameters_then_measures_and_empty_cells_where_undefined(kept):
    grid = Grid.of({"depth": [0.05, 0.1], "stop": [None]})

    kept.finish(grid, ("trades", "sharpe"), NUMBERS)

    assert (kept.path / "results.csv").read_text() == (
        "depth,stop,trades,sharpe\n0.05,none,1.0,\n0.1,none,0.30000000000000004,-inf\n"
    )


def test_the_same_sweep_goes_on(kept):
    kept.keep(0, NUMBERS)

    kept.begin(IDENTITY, fresh=False)

    assert kept.piece(0, 2, 2) is not None


def test_another_sweep_is_refused_with_the_mend_and_fresh_replaces_it(kept):
    kept.keep(0, NUMBERS)
    kept.finish(Grid.of({"depth": [1, 2]}), ("trades", "sharpe"), NUMBERS)
    other = {**IDENTITY, "strategy": "chase"}

    with pytest.raises(BadParameter, match="holds another sweep: choose another folder, or say --fresh"):
        kept.begin(other, fresh=False)
    assert kept.piece(0, 2, 2) is not None
    kept.begin(other, fresh=True)

    assert files(kept.path) == ["manifest.json"]
    assert json.loads((kept.path / "manifest.json").read_text())["strategy"] == "chase"


@pytest.mark.parametrize("text", ["", "{", "\xff"])
def test_a_manifest_that_cannot_be_read_is_said_and_fresh_mends_it(kept, text):
    (kept.path / "manifest.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(BadData, match="manifest.json: no manifest of a sweep .* say --fresh"):
        kept.begin(IDENTITY, fresh=False)
    kept.begin(IDENTITY, fresh=True)
    kept.begin(IDENTITY, fresh=False)


def test_pieces_that_were_deleted_with_their_folder_can_be_kept_again(kept):
    (kept.path / "pieces").rmdir()

    kept.begin(IDENTITY, fresh=False)
    kept.keep(0, NUMBERS)

    assert kept.piece(0, 2, 2) is not None


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("name", ["results.csv", "metrics.json"])
def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path, fresh, name):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("mine")
    if fresh:
        (tmp_path / "run" / "trades.csv").write_text("mine")

    with pytest.raises(CannotWrite, match="holds something else; choose another folder"):
        SweepResults(tmp_path / "run").begin(IDENTITY, fresh=fresh)

    assert (tmp_path / "run" / name).read_text() == "mine"


def test_an_empty_folder_may_be_given(tmp_path):
    SweepResults(tmp_path).begin(IDENTITY, fresh=False)

    assert files(tmp_path) == ["manifest.json"]


def test_a_file_in_the_place_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "sweep").write_text("mine")

    with pytest.raises(CannotWrite, match="sweep is a file; choose another folder"):
        SweepResults(tmp_path / "sweep").begin(IDENTITY, fresh=False)

    assert (tmp_path / "sweep").read_text() == "mine"


def test_no_folder_to_stand_in_is_one_line(tmp_path):
    with pytest.raises(CannotWrite, match="there is no folder .*; make it first"):
        SweepResults(tmp_path / "a" / "sweep").begin(IDENTITY, fresh=False)


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("doing", ["begin", "keep", "finish"])
def test_a_full_disk_is_one_line_and_leaves_what_was_whole(kept, monkeypatch, doing):
    kept.keep(0, NUMBERS)
    # A disk says that it is full when it is written to, or only when the file gets its name.
    monkeypatch.setattr(Path, "replace", full)
    todo = {
        "begin": lambda: kept.begin(IDENTITY, fresh=True),
        "keep": lambda: kept.keep(512, NUMBERS),
        "finish": lambda: kept.finish(Grid.of({"depth": [1, 2]}), ("trades", "sharpe"), NUMBERS),
    }

    with pytest.raises(CannotWrite, match="No space left on device; choose another place") as caught:
        todo[doing]()

    assert "\n" not in str(caught.value)
    # Neither half a file nor a temporary one.
    assert set(files(kept.path)) <= {"manifest.json", "pieces/000000000.npy"}
    assert doing == "begin" or kept.piece(0, 2, 2) is not None


def test_a_disk_that_takes_no_folder_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", full)

    with pytest.raises(
        CannotWrite, match="cannot be written: No space left on device; choose another folder"
    ):
        SweepResults(tmp_path / "sweep").begin(IDENTITY, fresh=False)
