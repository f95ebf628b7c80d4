"""What people must hear, they hear, also when the execution that had to say it could not."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from failover.errors import StoreUnreachableError, TransientError
from failover.procedures.closing import announce_outcome, close_incident, hold_for_operator, worded_failure
from failover.procedures.deciding import decide_failover
from failover.procedures.reminding import remind
from failover.procedures.traffic import clear_evacuation
from failover.records import IncidentState, Phase
from tests.products import AP, EU
from tests.unit.procedures.decisions import down, refusing
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

CAUSE = {"errorMessage": "RDS says no", "errorType": "PromotionRefusedError", "stackTrace": ['  File "/var/task/x.py"']}
FAILURE = {"Error": "PromotionRefusedError", "Cause": json.dumps(CAUSE)}


def ticks(world: World, minutes: int) -> None:
    """Two control regions look, minute by minute."""
    for _ in range(minutes):
        for here in (EU, AP):
            decide_failover(world.ports(here), world.topology)
        world.clock.sleep(60)


def texts(world: World, word: str) -> list[str]:
    return [text for _, text in world.pager.pages if word in text]


class TestHolding:
    @pytest.fixture
    def held(self) -> OpenIncident:
        moving = OpenIncident()
        hold_for_operator(moving.ports, moving.of_all(), FAILURE)
        return moving

    def test_people_are_reminded_every_hour(self, held: OpenIncident) -> None:
        ticks(held.world, 130)
        first, *reminders = texts(held.world, " holds")
        assert "holds: PromotionRefusedError: RDS says no. Nothing" in first
        assert len(reminders) == 2
        assert all("start the failover machine" in each for each in (first, *reminders))

    def test_when_its_page_was_not_taken_a_control_region_sends_one_within_minutes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moving = OpenIncident()
        with monkeypatch.context() as patch:
            patch.setattr(moving.world.pager, "page", refusing(TransientError("SNS did not take it")))
            with pytest.raises(TransientError):
                hold_for_operator(moving.ports, moving.of_all(), FAILURE)
        ticks(moving.world, 1)
        assert texts(moving.world, " holds") == [], "its own retries are under way"
        ticks(moving.world, 3)
        assert len(texts(moving.world, " holds")) == 1

    def test_one_that_an_older_version_left_holding_is_told_of_at_once(self) -> None:
        moving = OpenIncident()
        control = moving.world.store.control()
        assert control.incident is not None
        held = replace(control.incident, state=IncidentState.HOLDING, execution="one")
        moving.world.store.change_control(control, replace(control, incident=held))
        ticks(moving.world, 1)
        assert len(texts(moving.world, " holds")) == 1

    def test_the_next_one_that_holds_begins_its_own_hour(self, held: OpenIncident) -> None:
        control = held.world.store.control()
        held.world.store.change_control(control, replace(control, incident=None))
        ticks(held.world, 1)
        assert not any(about.startswith("HOLDING") for about in held.world.store.control().paged)


class TestEndings:
    def test_an_outcome_that_was_told_is_told_once(self) -> None:
        moving = OpenIncident()
        close_incident(moving.ports, moving.of_all())
        announce_outcome(moving.ports, moving.of_all(), "FAILED_OVER")
        ticks(moving.world, 5)
        assert len(texts(moving.world, "FAILED_OVER")) == 1
        assert moving.world.store.control().untold == {}

    @pytest.mark.parametrize(("end", "outcome"), [(close_incident, "FAILED_OVER"), (clear_evacuation, "COMPENSATED")])
    def test_one_that_nobody_could_be_told_is_told_later_by_any_control_region(
        self, monkeypatch: pytest.MonkeyPatch, end: object, outcome: str
    ) -> None:
        moving = OpenIncident()
        assert callable(end)
        end(moving.ports, moving.of_all())
        with monkeypatch.context() as patch:
            patch.setattr(moving.world.pager, "page", refusing(TransientError("SNS did not take it")))
            with pytest.raises(TransientError):
                announce_outcome(moving.ports, moving.of_all(), outcome)
        ticks(moving.world, 2)
        assert texts(moving.world, outcome) == [], "its own retries are under way"
        ticks(moving.world, 5)
        (text,) = texts(moving.world, outcome)
        assert "orders → us-east-1" in text
        assert (f"quickstart: us-east-1 {outcome}", text) in moving.world.pager.pages
        assert moving.world.store.control().untold == {}

    @pytest.mark.parametrize(("end", "kind"), [(close_incident, "INCIDENT_CLOSED"), (clear_evacuation, "COMPENSATED")])
    def test_one_whose_executor_died_before_its_line_is_journalled_and_settled(
        self, monkeypatch: pytest.MonkeyPatch, end: object, kind: str
    ) -> None:
        moving = OpenIncident()
        moved = replace(moving.record, phase=Phase.ADMITTED, incident=moving.ticket.id)
        moving.world.store.change_database(moving.record, moved)
        assert callable(end)
        with monkeypatch.context() as patch:
            patch.setattr(moving.world.store, "append", refusing(StoreUnreachableError("gone")))
            with pytest.raises(StoreUnreachableError):
                end(moving.ports, moving.of_all())
        assert moving.world.store.control().incident is None
        ticks(moving.world, 4)
        (line,) = [entry for entry in moving.world.store.journal() if entry.kind == kind]
        assert (line.incident, line.subject, line.term) == (moving.ticket.id, moving.ticket.subject, moving.ticket.term)
        assert (moving.record.phase, moving.record.incident) == (Phase.STEADY, None)

    def test_one_ending_that_cannot_be_paged_keeps_no_other_from_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moving = OpenIncident()
        world = moving.world
        close_incident(moving.ports, moving.of_all())
        control = world.store.control()
        (ending,) = control.untold.values()
        both = {"first": ending, "second": replace(ending, term=7)}
        world.store.change_control(control, replace(control, untold=both))
        world.clock.sleep(300)
        monkeypatch.setattr(world.pager, "page", refusing(TransientError("SNS did not take it")))
        with pytest.raises(TransientError):
            remind(world.ports(AP), world.topology, world.store.control())
        assert "second" in {each.incident for each in world.store.journal() if each.kind == "INCIDENT_CLOSED"}

    def test_while_nobody_can_be_told_the_journal_has_its_end_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moving = OpenIncident()
        with monkeypatch.context() as patch:
            patch.setattr(moving.world.store, "append", refusing(StoreUnreachableError("gone")))
            with pytest.raises(StoreUnreachableError):
                close_incident(moving.ports, moving.of_all())
        with monkeypatch.context() as patch:
            patch.setattr(moving.world.pager, "page", refusing(TransientError("SNS did not take it")))
            for _ in range(20):
                moving.world.clock.sleep(60)
                with suppress(TransientError):
                    decide_failover(moving.world.ports(AP), moving.topology)
        ticks(moving.world, 2)
        assert len(texts(moving.world, "nobody could be told then")) == 1
        assert len([entry for entry in moving.world.store.journal() if entry.kind == "INCIDENT_CLOSED"]) == 1


@pytest.mark.parametrize(
    ("cause", "read"),
    [
        (json.dumps(CAUSE), "PromotionRefusedError: RDS says no"),
        ("the state timed out", "PromotionRefusedError: the state timed out"),
        ('["no", "document"]', 'PromotionRefusedError: ["no", "document"]'),
        ("", "PromotionRefusedError: "),
    ],
)
def test_people_read_what_went_wrong_and_no_trace(cause: str, read: str) -> None:
    assert worded_failure({"Error": "PromotionRefusedError", "Cause": cause}) == read


def test_an_incident_that_takes_longer_than_the_product_promises_is_told_of_once() -> None:
    moving = OpenIncident()
    down(moving.world)
    ticks(moving.world, 3)  # the objective is two minutes
    assert len(texts(moving.world, "is not done after 120 s")) == 0
    ticks(moving.world, 10)
    assert len(texts(moving.world, "is not done after 120 s")) == 1
