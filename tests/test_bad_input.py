"""Bad input ends in one line that names what was given and the mend; never a traceback, nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import worlds
from click.testing import CliRunner
from interrupts import hearing

from screener.cli import main

ROOT = Path(__file__).parent.parent


@pytest.fixture
def lodestone(tmp_path, monkeypatch):
    """Runs a command in an empty folder and returns its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """A folder of prices of MP, LYC.AX and the controls DE, XOM and SCHW."""
    folder = tmp_path_factory.mktemp("prices")
    for number, symbol in enumerate(("MP", "DE", "XOM", "SCHW")):
        closes = [20 + number + (day % 7) / 10 for day in range(400)]
        frame = worlds.bars(closes, start="2023-01-03")
        table = frame.reset_index()[["session", "open", "high", "low", "close", "volume"]]
        table.columns = ["Date", "Open", "High", "Low", "Close", "Volume"]
        table.to_csv(folder / f"{symbol}.csv", index=False, date_format="%Y-%m-%d")
    return folder


def refused(result, *said):
    """The one line on stderr of a command that the user can mend."""
    code, out, err = result
    lines = [line for line in err.splitlines() if line.strip()]
    assert code == 1, (code, err)
    assert out == ""
    assert lines[-1].startswith("Error: ")
    assert "Traceback" not in err
    for part in said:
        assert part in lines[-1]
    return lines[-1]


BACKTEST = ("backtest", "pullback", "--out", "run")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("screen", "critcal-minerals", "--as-of", "2025-07-09"), "did you mean 'critical-minerals'?"),
        (("universe", "show", "rare-earth"), "did you mean 'rare-earths'?"),
        (("screen", "--as-of", "2025-07-09", "--explain", "UUU"), "'UUU'"),
        (("events", "show", "cn-2025-04-04-medium-heavy-re"), "did you mean"),
        (("backtest", "pulback", "--out", "run"), "no strategy named 'pulback'; did you mean 'pullback'?"),
        ((*BACKTEST, "-p", "dept=0.1"), "pullback has no parameter 'dept'; did you mean 'depth'?"),
        ((*BACKTEST, "-p", "depth"), "write -p depth=VALUE"),
        ((*BACKTEST, "-p", "depth=ten"), "depth is 'ten': it must be a number"),
        ((*BACKTEST, "-p", "depth=10"), "depth is 10.0: it must be above 0 and below 1"),
        ((*BACKTEST, "-p", "depth=0.1", "-p", "depth=0.2"), "given twice"),
        ((*BACKTEST, "--fee-bps", "-1"), "fee_bps is -1"),
        ((*BACKTEST, "--slots", "0"), "slots is 0"),
        ((*BACKTEST, "--cash", "nan"), "cash is nan"),
        ((*BACKTEST, "--benchmark", "SPYY"), "'SPYY'"),
        ((*BACKTEST, "--source", "simulate"), "did you mean 'simulated'?"),
        ((*BACKTEST, "--source", "csv:nowhere"), "nowhere"),
        ((*BACKTEST, "--accept", "outside-hihg-low"), "did you mean 'outside-high-low'?"),
        ((*BACKTEST, "--accept", "missing-column"), "gate missing-column cannot be accepted"),
        ((*BACKTEST, "--from", "2025-02-30"), "'2025-02-30' is not a day of the calendar"),
        ((*BACKTEST, "--from", "last year"), "'last year' is not a date: write YYYY-MM-DD"),
        ((*BACKTEST, "--from", "1990-01-01"), "2010-01-04"),
        ((*BACKTEST, "--from", "2020-01-01", "--to", "2019-01-01"), "swap them"),
        ((*BACKTEST, "--where", "score >="), "filter 'score >='"),
        ((*BACKTEST, "--where", "score > 1) or (score > 2"), "filter 'score > 1) or (score > 2'"),
        ((*BACKTEST, "--where", "stage > 3"), "stage"),
        ((*BACKTEST, "--events", "knd == 'tariff'"), "did you mean 'kind'?"),
        ((*BACKTEST, "--events", "kind == 'tarif'"), "did you mean 'tariff'?"),
        (("screen", "--as-of", "soon"), "'soon' is not a date"),
        (("screen", "--as-of", "1987-10-19"), "1987-10-19"),
        (("screen", "--as-of", "2025-07-09", "--where", "jurisdiction == 1"), "jurisdiction"),
        (("screen", "--as-of", "2025-07-09", "--where", "__import__('os')"), "filter"),
        (
            ("screen", "--as-of", "2025-07-09", "-o", "nowhere/screen.csv"),
            "there is no folder nowhere; make it first",
        ),
        (
            ("screen", "mine.csv", "--as-of", "2025-07-09"),
            "mine.csv: cannot be read: No such file or directory",
        ),
        (("study", "--window", "20:-10"), "window"),
        (("study", "--group-by", "stag"), "did you mean 'stage'?"),
        (("report", "nowhere", "-o", "page.html"), "nowhere"),
        (("events", "list", "--from", "2024"), "'2024' is not a date"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_line_with_its_mend(lodestone, tmp_path, words, said):
    refused(lodestone(*words), said)

    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "words",
    [
        ("scren",),
        ("screen",),
        ("screen", "--as-off", "2025-07-09"),
        ("backtest", "pullback"),
        ("report",),
        ("screen", "--as-of", "2025-07-09", "--format", "xml"),
        ("screen", "--as-of", "2025-07-09", "--top", "many"),
    ],
)
def test_wrong_usage_is_exit_2(lodestone, words):
    code, out, err = lodestone(*words)

    assert (code, out) == (2, "")
    assert "Usage: lodestone" in err


def test_an_unwritable_output_is_refused_before_the_work_and_leaves_nothing(lodestone, tmp_path):
    refused(
        lodestone("backtest", "pullback", "--out", "missing/run"), "there is no folder missing; make it first"
    )
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.doc").write_text("ten years")

    refused(
        lodestone("backtest", "equal_weight", "--from", "2024-01-01", "--out", "taken"),
        "holds something else",
    )

    assert os.listdir(tmp_path) == ["taken"]
    assert os.listdir(tmp_path / "taken") == ["thesis.doc"]


def test_a_failed_report_leaves_the_old_page(lodestone, tmp_path):
    (tmp_path / "page.html").write_text("old")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("{}")

    refused(
        lodestone("report", "run", "-o", "page.html"),
        "manifest.json",
        "run the backtest again",
    )

    assert (tmp_path / "page.html").read_text() == "old"


FLAT = "symbol,name,jurisdiction,stage\nNA,Namib,NA,pfs\nON,Onyx,NO,dfs\nTRUE,Truth,US,pea\nNO,Nordic,NO,resource\n"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (FLAT.replace("name,", ""), 1, "name: column is missing"),
        (FLAT + "NA,Namib,NA,pfs\n", 6, "repeats line 2"),
        (FLAT.replace(",pfs", ",pfz"), 2, "stage"),
        (FLAT.replace("Namib,NA", "Namib,UK"), 2, "did you mean 'GB'?"),
        ("", None, "the file is empty"),
    ],
)
def test_a_users_file_with_a_fault_names_file_line_field_and_mend(lodestone, tmp_path, content, line, said):
    (tmp_path / "mine.csv").write_text(content)

    message = refused(lodestone("screen", "mine.csv", "--as-of", "2025-07-09"), said)

    assert f"mine.csv:{line}:" in message if line else "mine.csv:" in message


@pytest.mark.parametrize(
    "content", [FLAT, "\ufeff" + FLAT, FLAT.replace("\n", "\r\n")], ids=["plain", "BOM", "CRLF"]
)
def test_na_no_on_and_true_survive_as_symbols_and_countries(lodestone, tmp_path, content):
    (tmp_path / "mine.csv").write_bytes(content.encode())

    code, out, err = lodestone("screen", "mine.csv", "--as-of", "2025-07-09", "--format", "csv")

    assert code == 0, err
    assert {line.split(",")[1] for line in out.splitlines()[1:]} == {"NA", "ON", "TRUE", "NO"} or all(
        f",{symbol}," in out for symbol in ("NA", "ON", "TRUE", "NO")
    )


def test_an_empty_screen_is_done_not_an_error(lodestone):
    code, out, _ = lodestone("screen", "--as-of", "2025-07-09", "--where", "score > 100", "--format", "json")

    assert code == 0
    assert '"rows": []' in out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("Close,", "Clse,"), "Close"),
        (lambda text: "", "empty"),
        (lambda text: text.replace("2023-01-04", "04/01/2023"), "04/01/2023"),
    ],
    ids=["missing column", "empty file", "bad date"],
)
def test_a_price_file_with_a_fault_is_refused_by_name_and_the_others_go_on(
    lodestone, tmp_path, prices, change, said
):
    folder = tmp_path / "mixed"
    folder.mkdir()
    for file in prices.iterdir():
        (folder / file.name).write_text(file.read_text())
    (folder / "ALB.csv").write_text(change((prices / "MP.csv").read_text()))

    code, _, err = lodestone("backtest", "equal_weight", "--source", f"csv:{folder}", "--out", "run")

    assert code == 0, err
    assert any("ALB" in line and said in line for line in err.splitlines()), err


def test_a_refused_gate_can_be_accepted_by_name(lodestone, tmp_path, prices):
    folder = tmp_path / "jump"
    folder.mkdir()
    for file in prices.iterdir():
        (folder / file.name).write_text(file.read_text())
    lines = (prices / "MP.csv").read_text().splitlines()
    lines[5], lines[6] = lines[6], lines[5]
    (folder / "ALB.csv").write_text("\n".join(lines) + "\n")
    command = ("backtest", "equal_weight", "--source", f"csv:{folder}")

    refused_err = lodestone(*command, "--out", "run0")[2]
    accepted_err = lodestone(*command, "--accept", "bad-order", "--out", "run1")[2]

    assert any("ALB" in line and "bad-order" in line for line in refused_err.splitlines())
    assert not any("ALB" in line for line in accepted_err.splitlines())
    assert '"accept": [\n      "bad-order"\n    ]' in (tmp_path / "run1" / "manifest.json").read_text()


def test_a_price_folder_with_byte_order_marks_and_crlf_reads_the_same(lodestone, tmp_path, prices):
    other = tmp_path / "windows"
    other.mkdir()
    for file in prices.iterdir():
        (other / file.name).write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    for number, folder in enumerate((prices, other)):
        assert (
            lodestone("backtest", "equal_weight", "--source", f"csv:{folder}", "--out", f"run{number}")[0]
            == 0
        )

    assert (tmp_path / "run0" / "equity.csv").read_bytes() == (tmp_path / "run1" / "equity.csv").read_bytes()


def test_names_without_a_file_are_said(lodestone, prices):
    code, _, err = lodestone("backtest", "equal_weight", "--source", f"csv:{prices}", "--out", "run")

    assert code == 0, err
    assert "without prices" in err
    assert "LYC.AX" in err


def test_control_c_is_exit_130_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-m", "screener", "demo", "-o", str(tmp_path / "demo")]
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **hearing()
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "demo").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)

    # Stopped inside an `exec`, as of a dataclass, CPython ends itself by the signal: a shell says 130 of both.
    assert running.returncode in (130, -signal.SIGINT), err
    assert out == ""
    assert err.strip().splitlines()[-1] == "Stopped."
    assert "Traceback" not in err
    assert os.listdir(tmp_path / "demo") == []


def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m screener events list --format csv | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
