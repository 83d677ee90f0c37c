"""A TOML file is a table, or one fault with file, line and mend."""

from __future__ import annotations

import pytest

from universes.errors import BadData
from universes.toml_file import printed, read_toml


def fault(path):
    with pytest.raises(BadData) as caught:
        read_toml(path, "docs/screen.md")
    (only,) = caught.value.faults
    assert only.file == printed(str(path))
    return only.line, only.message


def test_a_table_and_the_bytes_it_was_read_from(tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbfname = 'x'\n[weights]\nstage = 1\n")

    assert read_toml(file, "") == ({"name": "x", "weights": {"stage": 1}}, file.read_bytes())


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"a = ", 0, "not TOML: "),
        (b"a = 1\nb = '\xff'", 2, "byte 0xff is not UTF-8: save as UTF-8"),
        (b"a = " + b"1" * 5_000, 0, "not TOML: "),
        (b"a = " + b"[" * 30_000, 0, "not TOML: "),
        (b"#" * 1_100_000, 0, "1100000 bytes; it may have 1048576: split it, or name the right file"),
    ],
)
def test_what_is_no_table_is_refused_with_the_mend(tmp_path, raw, line, said):
    file = tmp_path / "a.toml"
    file.write_bytes(raw)

    assert fault(file)[0] == line
    assert said in fault(file)[1]


def test_what_is_no_file_is_refused(tmp_path):
    assert fault(tmp_path) == (0, "not a file: name a TOML file")
    assert fault(tmp_path / "none.toml") == (0, "cannot be read: No such file or directory")
    assert fault(tmp_path / "a\0b.toml") == (0, "no file can have this name: name another")
