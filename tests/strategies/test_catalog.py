"""What users type becomes a strategy: of the library, or of a file of their own."""

from __future__ import annotations

import pickle
import sys
from textwrap import dedent

import pytest
import worlds

from strategies.catalog import build, describe, make, names, strategy_class, wants_scores
from strategies.engine import backtest
from strategies.library.basket import Basket
from strategies.library.pullback import Pullback
from universes.errors import BadParameter, UnknownName, UserCodeError

MINE = '''\
    """A file of one's own."""
    from __future__ import annotations

    from dataclasses import dataclass
    from typing import Literal

    from strategies.plan import Entries, Entry, Exits


    @dataclass(frozen=True, slots=True)
    class Dip:
        """Buy every name once.

        Parameters
        ----------
        row : int
            Row of the decision. Counted from 0.
        hold, rest : int or None
            Sessions.
        """

        row: int
        hold: int | None = 5
        rest: int | None = None
        size: float = 0.5
        loud: bool = False
        how: Literal["buy", "sell"] = "buy"
        many: int | float = 1
        bag: tuple[str, ...] = ()

        def __post_init__(self):
            if self.row == 13:
                raise ValueError("not thirteen")

        def plan(self, market, events, eligible):
            if self.row > 100:
                return self._deep(market)
            return Entries(tuple(Entry(self.row, name, "", Exits(self.hold)) for name in market.symbols))

        def _deep(self, market):
            return market.close["NONE"]


    class Plain:
        def plan(self, market, events, eligible, scores):
            return Entries(())


    class Child(Dip):
        pass


    class Nothing:
        pass


    number = 3
'''


@pytest.fixture
def mine(tmp_path):
    """Path of a file of one's own."""
    return write(tmp_path / "mine.py", MINE)


def write(path, text):
    path.write_text(dedent(text), encoding="utf-8")
    return path


def market():
    return worlds.market({"AAA": worlds.bars([10, 10, 12, 11])})


def test_a_class_of_a_file_is_built_with_texts_read_as_its_fields(mine):
    made = make(
        f"{mine}:Dip",
        {"row": "2", "hold": "none", "size": "0.25", "loud": "true", "how": "sell", "many": "2.5"},
    )

    assert (made.row, made.hold, made.size, made.loud, made.how, made.many) == (
        2,
        None,
        0.25,
        True,
        "sell",
        2.5,
    )
    assert make(f"{mine}:Dip", {"row": "2", "many": "3"}).many == 3


def test_it_runs_like_one_of_the_library(mine):
    result = backtest(make(f"{mine}:Dip", {"row": "0"}), market())

    assert result.strategy == "Dip"
    assert len(result.orders) >= 1


def test_a_file_that_has_not_changed_is_read_once_and_one_that_has_is_read_again(mine):
    first = strategy_class(f"{mine}:Dip")

    assert strategy_class(f"{mine}:Dip") is first
    assert make(f"{mine}:Dip", {"row": "1"}) == first(1)
    # The same size, within the same second: a compiled file would be taken for the new one.
    write(mine, MINE.replace("size: float = 0.5", "size: float = 0.7"))
    assert make(f"{mine}:Dip", {"row": "1"}).size == 0.7
    assert list(mine.parent.iterdir()) == [mine]


def test_files_of_one_name_and_names_of_known_modules_do_not_collide(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = write(tmp_path / "a" / "json.py", MINE)
    other = write(tmp_path / "b" / "json.py", MINE.replace("size: float = 0.5", "size: float = 0.9"))

    assert build(f"{one}:Dip", {"row": 1}).size == 0.5
    assert build(f"{other}:Dip", {"row": 1}).size == 0.9
    assert hasattr(sys.modules.get("json", pickle), "dumps")


def test_a_made_strategy_can_be_pickled_within_the_process(mine):
    made = make(f"{mine}:Dip", {"row": "2"})

    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize(
    ("name", "parameters", "error", "said"),
    [
        ("mime.py:Dip", {}, UnknownName, "no strategy file named '.*mime.py'; did you mean '.*mine.py'"),
        ("mine.py:Dipp", {}, UnknownName, "no strategy in .*mine.py named 'Dipp'; did you mean 'Dip'"),
        (
            "mine.py",
            {},
            BadParameter,
            "names a file, not the strategy in it: write FILE.py:Name: .*mine.py:Child",
        ),
        ("mine.py:", {}, BadParameter, "names a file, not the strategy in it"),
        (
            "mine.py:Nothing",
            {},
            BadParameter,
            r"is not a strategy: it has no method plan\(market, events, eligible\)",
        ),
        ("mine.py:number", {}, BadParameter, "is int, not a class"),
        ("mine.py:Dip", {}, BadParameter, "needs row: give -p row=VALUE"),
        ("mine.py:Dip", {"rwo": "1"}, BadParameter, "has no parameter 'rwo'; did you mean 'row'"),
        ("mine.py:Dip", {"row": "1.5"}, BadParameter, "row is '1.5': it must be a whole number"),
        (
            "mine.py:Dip",
            {"row": "1", "hold": "x"},
            BadParameter,
            "hold is 'x': it must be a whole number or none",
        ),
        ("mine.py:Dip", {"row": "1", "loud": "yes"}, BadParameter, "loud is 'yes': it must be true or false"),
        (
            "mine.py:Dip",
            {"row": "1", "how": "hold"},
            BadParameter,
            'how is \'hold\': it must be {"buy", "sell"}',
        ),
        (
            "mine.py:Dip",
            {"row": "1", "many": "x"},
            BadParameter,
            "many is 'x': it must be a whole number or a number",
        ),
        ("mine.py:Dip", {"row": "1", "bag": "x"}, BadParameter, "bag cannot be given as text"),
        ("mine.py:Plain", {"row": "1"}, BadParameter, "no parameter 'row'; it has none: make it a dataclass"),
    ],
)
def test_what_cannot_be_made_is_one_line_with_the_mend(mine, name, parameters, error, said):
    with pytest.raises(error, match=said) as raised:
        make(str(mine.parent / name), parameters)

    assert "\n" not in str(raised.value)


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "mine.py").mkdir()

    with pytest.raises(BadParameter, match="mine.py cannot be read: Is a directory"):
        make(f"{tmp_path / 'mine.py'}:Dip", {})


def raised_by(text, tmp_path, name="Broken"):
    path = write(tmp_path / "broken.py", text)
    with pytest.raises(UserCodeError) as raised:
        make(f"{path}:{name}", {})
    return raised.value


def test_a_file_that_raises_when_it_is_read_shows_its_own_lines_only(tmp_path):
    error = raised_by("import math\n\nRATE = 1 / 0\n", tmp_path)

    assert str(error).startswith(
        "your code raised ZeroDivisionError: division by zero (broken.py:3, reading "
    )
    assert error.trace.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path / "broken.py"}", line 3, in <module>',
        "    RATE = 1 / 0",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
    ]
    assert all(line.startswith("your code | ") for line in error.shown().splitlines())
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.file, again.trace) == (str(error), error.file, error.trace)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Broken:\n    def plan(self:\n", "SyntaxError"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0 (broken.py:2"),
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module' (broken.py:1"),
        ("x = '\x00'\n", "broken.py"),
    ],
)
def test_whatever_a_file_raises_is_marked_as_the_users(tmp_path, text, said):
    error = raised_by(text, tmp_path)

    assert said in str(error)
    assert "lodestone" not in error.trace.lower().replace(str(tmp_path).lower(), "")
    assert "importlib" not in error.trace


def test_a_file_that_raised_is_read_again_once_it_is_mended(tmp_path):
    before = set(sys.modules)
    raised_by("1 / 0\n", tmp_path)
    assert {name for name in set(sys.modules) - before if name.startswith("lodestone_user")} == set()

    write(tmp_path / "broken.py", MINE)

    assert make(f"{tmp_path / 'broken.py'}:Plain", {})


@pytest.mark.parametrize("name", ["Dip", "Child"])
def test_what_a_strategy_raises_in_its_plan_is_shown_from_its_first_line_on(mine, name):
    strategy = make(f"{mine}:{name}", {"row": "101"})

    with pytest.raises(UserCodeError) as raised:
        backtest(strategy, market())

    lines = raised.value.trace.splitlines()
    assert "your code raised KeyError: 'NONE' (mine.py:" in str(raised.value)
    assert "in Dip.plan" in str(raised.value)
    assert lines[1].startswith(f'  File "{mine}", line ')
    assert [line.strip() for line in lines if "_deep" in line] != []
    assert not any("strategies/engine.py" in line or "user_file.py" in line for line in lines)


def test_what_a_strategy_raises_when_it_is_made_is_the_users_and_our_own_refusals_stay_ours(mine, tmp_path):
    with pytest.raises(
        UserCodeError, match=r"your code raised ValueError: not thirteen \(mine.py:\d+, in Dip.__init__"
    ):
        make(f"{mine}:Dip", {"row": "13"})
    ours = write(
        tmp_path / "ours.py",
        "from strategies.library.pullback import Pullback\nclass Mine(Pullback):\n    pass\n",
    )
    with pytest.raises(BadParameter, match="depth is 2.0: it must be above 0 and below 1"):
        make(f"{ours}:Mine", {"depth": "2"})


def test_a_library_class_imported_by_a_file_is_left_as_it_is(tmp_path):
    path = write(tmp_path / "borrowed.py", "from strategies.library.pullback import Pullback\n")
    plan = Pullback.plan

    assert make(f"{path}:Pullback", {}) == Pullback()
    assert Pullback.plan is plan


def test_who_wants_scores_is_told_by_the_plan(mine):
    assert wants_scores(make(f"{mine}:Plain", {}))
    assert wants_scores(Basket())
    assert wants_scores(make("random_dates", {"of": "basket"}))
    assert not wants_scores(make("random_dates", {"of": f"{mine}:Dip", "row": "1"}))
    assert not wants_scores(Pullback())


def test_a_strategy_of_ones_own_says_what_it_takes(mine):
    told = {item.name: (item.kind, item.default, item.doc) for item in describe(f"{mine}:Dip")}

    assert told == {
        "row": ("int", "", "Row of the decision"),
        "hold": ("int or None", "5", "Sessions"),
        "rest": ("int or None", "none", "Sessions"),
        "size": ("float", "0.5", ""),
        "loud": ("bool", "false", ""),
        "how": ('{"buy", "sell"}', "buy", ""),
        "many": ("int or float", "1", ""),
        "bag": ("tuple", "()", ""),
    }
    assert describe(f"{mine}:Plain") == ()


@pytest.mark.parametrize("name", names())
def test_every_parameter_of_the_library_is_described_and_its_default_can_be_typed(name):
    told = describe(name)

    assert all(item.doc and item.kind for item in told)
    assert make(name, {item.name: item.default for item in told}) == make(name, {})


def test_a_type_that_cannot_be_read_is_said(tmp_path):
    path = write(
        tmp_path / "hidden.py",
        """\
        from __future__ import annotations
        from dataclasses import dataclass

        @dataclass
        class Hidden:
            when: Date = None

            def plan(self, market, events, eligible): ...
        """,
    )

    with pytest.raises(
        BadParameter, match="type of a field of .*hidden.py:Hidden cannot be read: name 'Date'"
    ):
        make(f"{path}:Hidden", {"when": "now"})
