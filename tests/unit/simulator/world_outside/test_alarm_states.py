"""The tables of "Configuring how CloudWatch alarms treat missing data", and what follows from its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.alarm_states import State, Treatment, judge

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA

ROWS = [
    # to alarm, points (0 good, X breaching, - missing), and the state when missing is: missing, breaching, notBreaching
    (3, "0 - X - X", OK, OK, OK),
    (3, "0 - - - -", OK, OK, OK),
    (3, "- - - - -", INSUFFICIENT, ALARM, OK),
    (3, "0 X X - X", ALARM, ALARM, ALARM),
    (3, "- - X - -", ALARM, ALARM, OK),
    (2, "0 - X - X", ALARM, ALARM, ALARM),
    (2, "0 0 X 0 X", ALARM, ALARM, ALARM),
    (2, "0 - X - -", OK, ALARM, OK),
    (2, "- - - - 0", OK, ALARM, OK),
    (2, "- - - X -", ALARM, ALARM, OK),
    (3, "- - - - X", INSUFFICIENT, ALARM, OK),
    (3, "- - - X -", INSUFFICIENT, ALARM, OK),
    (3, "- - - X 0", OK, OK, OK),
]


def points(row: str) -> list[bool | None]:
    return [{"0": False, "X": True, "-": None}[point] for point in row.split()]


@pytest.mark.parametrize(
    ("to_alarm", "row", "treatment", "state"),
    [
        (to_alarm, row, treatment, state)
        for to_alarm, row, *states in ROWS
        for treatment, state in zip(Treatment, states, strict=True)
    ],
)
def test_a_row_of_the_documented_tables(to_alarm: int, row: str, treatment: Treatment, state: State) -> None:
    assert judge(points(row), 3, to_alarm, treatment) is state


@given(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=12), st.sampled_from(Treatment), st.data())
def test_one_more_breaching_point_never_ends_an_alarm(
    row: list[bool | None], treatment: Treatment, data: st.DataObject
) -> None:
    periods = len(row) - 2
    to_alarm = data.draw(st.integers(1, periods))
    worse = [True if point is False else point for point in row]

    if judge(row, periods, to_alarm, treatment) is ALARM:
        assert judge(worse, periods, to_alarm, treatment) is ALARM
