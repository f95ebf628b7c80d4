"""The executing region dies between every two steps: another one finishes, and the old one is refused when it wakes."""

import pytest

from failover.errors import IncidentRefusedError, StaleTermError
from failover.procedures.commands import begun
from failover.procedures.ownership import take_over
from failover.procedures.requests import Machine
from failover.records import Incident, IncidentState
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import ORDER, STEPS, until

WORKING = ORDER[: ORDER.index("close_incident") + 1]


def incident_of(moving: OpenIncident) -> Incident:
    incident = moving.world.store.control().incident
    assert incident is not None
    return incident


@pytest.mark.parametrize("reachable", [True, False], ids=["source-reachable", "source-lost"])
@pytest.mark.parametrize("step", WORKING)
def test_another_region_finishes_what_was_begun(step: str, reachable: bool) -> None:
    moving = OpenIncident()
    if not reachable:
        moving.world.kill(US)
    until(step, moving)
    taken = take_over(moving.world.ports(AP), incident_of(moving))
    assert (taken.owner, taken.term) == (AP, 2)
    document = begun(moving.topology, taken)
    assert moving.world.execute(Machine.FAILOVER, document, "second", AP) == "SUCCEEDED"
    assert moving.world.writer() == EU
    assert len(moving.world.replicas.asked) == 1


@pytest.mark.parametrize("step", WORKING)
def test_the_old_executor_is_refused_at_its_next_step(step: str) -> None:
    moving = until(step, OpenIncident())
    take_over(moving.world.ports(AP), incident_of(moving))
    with pytest.raises(StaleTermError):
        STEPS[step](moving)


@pytest.mark.parametrize("step", WORKING)
def test_every_step_is_a_sign_of_life(step: str) -> None:
    moving = until(step, OpenIncident())
    before = incident_of(moving)
    if step != "close_incident":
        STEPS[step](moving)
        assert incident_of(moving).beat > before.beat
        with pytest.raises(IncidentRefusedError, match="its executor lives"):
            take_over(moving.world.ports(AP), before)


def test_waiting_for_a_lease_gives_signs_of_life() -> None:
    moving = OpenIncident()
    moving.world.kill(US)
    until("await_lease", moving)
    before = incident_of(moving).beat
    STEPS["await_lease"](moving)
    assert incident_of(moving).beat - before >= 6


def test_of_two_that_take_over_at_once_one_succeeds() -> None:
    moving = until("revoke_lease", OpenIncident())
    orphan = incident_of(moving)
    take_over(moving.world.ports(AP), orphan)
    with pytest.raises(IncidentRefusedError):
        take_over(moving.world.ports(EU), orphan)


def test_the_subject_never_owns() -> None:
    moving = OpenIncident()
    with pytest.raises(IncidentRefusedError, match="not for us-east-1"):
        take_over(moving.world.ports(US), incident_of(moving))


def test_an_incident_that_waits_for_a_person_is_nobodys_orphan() -> None:
    moving = OpenIncident()
    moving.world.replicas.refusals = 10_000
    document = begun(moving.topology, incident_of(moving))
    moving.world.execute(Machine.FAILOVER, document, "one", EU)
    assert incident_of(moving).state is IncidentState.HOLDING
    with pytest.raises(IncidentRefusedError, match="HOLDING"):
        take_over(moving.world.ports(AP), incident_of(moving))
