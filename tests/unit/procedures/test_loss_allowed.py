"""On which basis a promotion may lose data: written with its target, told to the service, told in the journal."""

from dataclasses import replace

import pytest

from failover.adapters.memory import MemoryAurora
from failover.errors import ConsentMissingError, PromotionRefusedError
from failover.procedures.choosing import choose_target
from failover.procedures.operating import consent
from failover.procedures.promotion import promote_database
from failover.procedures.requests import Machine
from failover.records import LossAllowed
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import until


def choosing(machine: Machine = Machine.FAILOVER) -> OpenIncident:
    moving = until("choose_target", OpenIncident())
    control = moving.world.store.control()
    assert control.incident is not None
    incident = replace(control.incident, machine=machine)
    moving.world.store.change_control(control, replace(control, incident=incident))
    return moving


def aurora(moving: OpenIncident) -> MemoryAurora:
    service = MemoryAurora(moving.world.clock, moving.world.copies)
    moving.ports = replace(moving.ports, replicas=service)
    return service


def test_an_unplanned_move_never_claims_to_lose_nothing() -> None:
    """Though the target has everything: a service may then want a healthy source, and there is none."""
    moving = choosing()
    choose_target(moving.ports, moving.of_all())
    assert moving.record.allowed is LossAllowed.WITHIN_OBJECTIVE


def test_a_planned_move_does() -> None:
    moving = choosing(Machine.SWITCHOVER)
    choose_target(moving.ports, moving.of_all())
    assert moving.record.allowed is LossAllowed.NONE


def test_a_loss_that_somebody_consented_to_says_so() -> None:
    moving = choosing()
    for region in (EU, AP):
        moving.world.copies["orders", region].position = -1
    with pytest.raises(ConsentMissingError):
        choose_target(moving.ports, moving.of_all())
    consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
    choose_target(moving.ports, moving.of_all())
    assert moving.record.allowed is LossAllowed.CONSENTED


@pytest.mark.parametrize(
    ("machine", "loss"),
    [(Machine.FAILOVER, LossAllowed.WITHIN_OBJECTIVE), (Machine.SWITCHOVER, LossAllowed.NONE)],
)
def test_the_service_and_the_journal_hear_what_was_written(machine: Machine, loss: LossAllowed) -> None:
    moving = choosing(machine)
    choose_target(moving.ports, moving.of_all())
    service = aurora(moving)
    promote_database(moving.ports, moving.of_database())
    assert service.asked == [("orders", EU, loss)]
    (told,) = [entry for entry in moving.world.store.journal() if entry.kind == "PROMOTION_ASKED"]
    assert told.facts["loss_allowed"] == str(loss)


def test_a_planned_move_from_a_dead_writer_holds_and_does_not_turn_into_a_failover() -> None:
    moving = choosing(Machine.SWITCHOVER)
    choose_target(moving.ports, moving.of_all())
    service = aurora(moving)
    moving.world.copies["orders", US].reachable = False
    with pytest.raises(PromotionRefusedError):
        promote_database(moving.ports, moving.of_database())
    assert service.asked == []
