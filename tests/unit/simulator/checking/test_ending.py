"""A schedule comes to a good end: served, or a person knows."""

from dataclasses import replace

import pytest

from failover.records import IncidentState
from simulator.checking import Ending, StandingIncident, good_end
from tests.products import AP, EU, US

SERVED = Ending(
    writers={"orders": EU}, open_gates={"orders": (EU,)}, users=(US, EU, AP), served=(EU, AP, US), broke_at=10.0
)
OPEN = StandingIncident("us-east-1-2", IncidentState.OPEN, opened_at=20.0)
HOLDING = replace(OPEN, state=IncidentState.HOLDING)
WAITING = replace(OPEN, state=IncidentState.WAITING)

GOOD = {
    "served": SERVED,
    "nobody-writes-and-somebody-was-paged": replace(SERVED, open_gates={}, served=(), paged_at=(11.0,)),
    "nobody-writes-and-operators-paused": replace(SERVED, open_gates={}, paused=True),
    "an-incident-that-holds-and-paged": replace(SERVED, incident=HOLDING, open_gates={}, paged_at=(21.0,)),
    "an-incident-that-waits-and-paged": replace(SERVED, incident=WAITING, paged_at=(3.0, 20.0)),
    "an-incident-that-is-worked-on": replace(SERVED, incident=replace(OPEN, worked_on=True), running=("f-1",)),
    "an-incident-in-a-pause": replace(SERVED, incident=OPEN, paused=True),
}
BAD = {
    "nobody-writes": (
        replace(SERVED, open_gates={}),
        "orders: nobody can write, and its writer is eu-west-1; and nobody",
    ),
    "another-one-writes": (
        replace(SERVED, open_gates={"orders": (US,)}),
        "orders: us-east-1 can write, and its writer is",
    ),
    "two-write": (replace(SERVED, open_gates={"orders": (EU, US)}), "orders: eu-west-1, us-east-1 can write"),
    "a-page-of-before": (replace(SERVED, open_gates={}, paged_at=(9.9,)), "nobody was paged"),
    "users-that-are-not-served": (
        replace(SERVED, served=(EU, AP)),
        "no write of the users in us-east-1 is acknowledged",
    ),
    "an-incident-that-nobody-works-on": (replace(SERVED, incident=OPEN), "us-east-1-2 is open, and nobody works on it"),
    "not-even-a-page-helps-an-orphan": (replace(SERVED, incident=OPEN, paged_at=(30.0,)), "nobody works on it"),
    "holding-and-silent": (
        replace(SERVED, incident=HOLDING, paged_at=(19.0,)),
        "us-east-1-2 is HOLDING, and nobody was paged since it was opened at 20.0 s",
    ),
    "waiting-and-silent": (
        replace(SERVED, incident=replace(WAITING, worked_on=True)),
        "is WAITING, and nobody was paged",
    ),
    "an-execution-for-ever": (replace(SERVED, overdue=("failover-1",)), "failover-1 run on for ever"),
    "an-execution-of-no-incident": (
        replace(SERVED, running=("failover-1",)),
        "failover-1 run on, and no incident is open",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_end(case: str) -> None:
    assert good_end(GOOD[case]) is None


@pytest.mark.parametrize("case", BAD)
def test_no_good_end(case: str) -> None:
    ending, why = BAD[case]
    told = good_end(ending)
    assert told is not None
    assert why in told
