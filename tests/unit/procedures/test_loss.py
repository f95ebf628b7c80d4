"""How much a copy may lack: known from the source's own renewals, and never zero for not knowing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.decision import loss_bound_seconds
from failover.records import DatabaseRecord, LeaseRecord, LeaseState, Position
from tests.products import US

RENEWALS = (Position(100, 1000.0), Position(250, 1005.0), Position(250, 1010.0), Position(400, 1015.0))
ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.REVOKED, 4, RENEWALS))


@pytest.mark.parametrize(
    ("position", "bound"),
    [
        (99, None),  # behind all that is remembered
        (100, 35.0),  # lacks what came after the first renewal, fifteen seconds before the last, and a lease
        (249, 35.0),
        (250, 25.0),  # nothing was written between the second and the third
        (399, 25.0),
        (400, 20.0),  # all that is known, and whatever was written under the lease that the last renewal gave
        (10**15, 20.0),
    ],
)
def test_the_bound_of_a_position(position: int, bound: float | None) -> None:
    assert loss_bound_seconds(ORDERS, position, 20.0) == bound


def test_a_source_that_never_renewed_says_nothing() -> None:
    assert loss_bound_seconds(replace(ORDERS, lease=LeaseRecord(LeaseState.GRANTED, 1)), 10**15, 20.0) is None


@pytest.mark.parametrize(("position", "bound"), [(420, 0.0), (421, 0.0), (419, 20.0), (99, None)])
def test_what_a_fenced_source_told_as_its_last_position_lacks_nothing(position: int, bound: float | None) -> None:
    assert loss_bound_seconds(replace(ORDERS, final=420), position, 20.0) == bound


renewals = st.lists(st.tuples(st.integers(0, 50), st.floats(0.1, 10)), min_size=0, max_size=30)


def remembered(steps: list[tuple[int, float]]) -> tuple[Position, ...]:
    lsn, at, positions = 0, 1000.0, []
    for written, seconds in steps:
        lsn, at = lsn + written, at + seconds
        positions.append(Position(lsn, at))
    return tuple(positions)


@given(renewals, st.integers(-10, 2000), st.integers(0, 500), st.none() | st.integers(0, 2000))
def test_a_copy_that_is_further_never_has_the_greater_bound(
    steps: list[tuple[int, float]], position: int, further: int, final: int | None
) -> None:
    record = replace(ORDERS, lease=replace(ORDERS.lease, positions=remembered(steps)), final=final)
    behind, ahead = (loss_bound_seconds(record, each, 20.0) for each in (position, position + further))
    assert behind is None or (ahead is not None and ahead <= behind)


@given(renewals, st.integers(-10, 2000))
def test_only_a_fence_makes_the_bound_less_than_a_lease(steps: list[tuple[int, float]], position: int) -> None:
    record = replace(ORDERS, lease=replace(ORDERS.lease, positions=remembered(steps)))
    bound = loss_bound_seconds(record, position, 20.0)
    assert bound is None or bound >= 20.0
