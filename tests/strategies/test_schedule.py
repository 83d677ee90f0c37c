"""Sessions on which a book is set anew."""

from __future__ import annotations

import pandas as pd
import pytest

from strategies.schedule import month_starts, starts

SESSIONS = pd.DatetimeIndex(
    [
        "2023-11-29",
        "2023-11-30",
        "2023-12-01",
        "2024-01-02",
        "2024-01-31",
        "2024-02-01",
        "2024-04-03",
        "2024-07-01",
    ]
)


@pytest.mark.parametrize(("every", "rows"), [("month", [0, 2, 3, 5, 6, 7]), ("quarter", [0, 3, 6, 7])])
def test_a_period_begins_with_its_first_session_and_the_data_with_theirs(every, rows):
    assert starts(SESSIONS, every).tolist() == rows
    # What comes later changes nothing.
    for count in range(1, len(SESSIONS)):
        assert starts(SESSIONS[:count], every).tolist() == [row for row in rows if row < count]


def test_months_are_the_same_by_their_own_name():
    assert month_starts(SESSIONS).tolist() == [0, 2, 3, 5, 6, 7]
