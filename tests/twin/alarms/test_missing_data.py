"""The tables of "Configuring how CloudWatch alarms treat missing data", and what follows from its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.alarms.missing import judge
from twin.alarms.states import State, Treatment

OK, ALARM, INSUFFICIENT_DATA = State.OK, State.ALARM, State.INSUFFICIENT_DATA
RETAIN = None

THREE_OF_THREE = [
    # points, to be filled, missing, ignore, breaching, notBreaching
    ("0 - X - X", 0, OK, OK, OK, OK),
    ("0 - - - -", 2, OK, OK, OK, OK),
    ("- - - - -", 3, INSUFFICIENT_DATA, RETAIN, ALARM, OK),
    ("0 X X - X", 0, ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", 2, ALARM, RETAIN, ALARM, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", 0, ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", 0, ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", 1, OK, OK, ALARM, OK),
    ("- - - - 0", 2, OK, OK, ALARM, OK),
    ("- - - X -", 2, ALARM, RETAIN, ALARM, OK),
]
TOO_YOUNG_FOR_AN_ALARM = [
    # Earlier editions of the page have the first of these as a row of their tables.
    ("- - - - X", 2, INSUFFICIENT_DATA, RETAIN, ALARM, OK),
    ("- - - X -", 2, INSUFFICIENT_DATA, RETAIN, ALARM, OK),
    ("- - - X 0", 1, OK, OK, OK, OK),
    ("- - X - 0", 1, OK, OK, OK, OK),
]


def points(row: str) -> list[bool | None]:
    return [{"0": False, "X": True, "-": None}[point] for point in row.split()]


@pytest.mark.parametrize(
    ("to_alarm", "row", "filled", "treatment", "state"),
    [
        (to_alarm, row, filled, treatment, state)
        for to_alarm, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE), (3, TOO_YOUNG_FOR_AN_ALARM))
        for row, filled, *states in table
        for treatment, state in zip(
            (Treatment.MISSING, Treatment.IGNORE, Treatment.BREACHING, Treatment.NOT_BREACHING), states, strict=True
        )
    ],
)
def test_a_row_of_the_documented_tables(
    to_alarm: int, row: str, filled: int, treatment: Treatment, state: State | None
) -> None:
    judgement = judge(points(row), 3, to_alarm, treatment)

    assert judgement.state is state
    assert judgement.filled == filled


def test_the_last_datapoints_are_evaluated_again_while_they_are_in_the_range() -> None:
    assert judge(points("X - -"), 1, 1, Treatment.NOT_BREACHING).state is ALARM
    assert judge(points("- - -"), 1, 1, Treatment.NOT_BREACHING).state is OK


ranges = st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=12)
treatments = st.sampled_from(Treatment)


@given(ranges, treatments, st.data())
def test_one_more_breaching_datapoint_never_ends_an_alarm(
    row: list[bool | None], treatment: Treatment, data: st.DataObject
) -> None:
    periods = len(row) - 2
    to_alarm = data.draw(st.integers(1, periods))
    worse = [True if point is False else point for point in row]

    if judge(row, periods, to_alarm, treatment).state is ALARM:
        assert judge(worse, periods, to_alarm, treatment).state is ALARM


@given(ranges, treatments, st.data())
def test_the_treatment_does_not_matter_when_nothing_has_to_be_filled(
    row: list[bool | None], treatment: Treatment, data: st.DataObject
) -> None:
    periods = data.draw(st.integers(1, len(row)))
    judgement = judge(row, periods, 1, treatment)

    if judgement.filled == 0:
        assert judgement == judge(row, periods, 1, Treatment.MISSING)


@given(st.integers(1, 10), st.data())
def test_silence_never_alarms_where_missing_data_are_not_breaching(periods: int, data: st.DataObject) -> None:
    to_alarm = data.draw(st.integers(1, periods))

    assert judge([None] * (periods + 2), periods, to_alarm, Treatment.NOT_BREACHING).state is OK
