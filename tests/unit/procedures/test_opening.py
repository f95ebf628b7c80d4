"""Open or join: one execution works for a term, and a request that is repeated is the same request."""

from dataclasses import replace
from typing import Any

import pytest

from failover.errors import (
    ChangedMeanwhileError,
    IncidentRefusedError,
    RequestInvalidError,
    StaleTermError,
    StoreUnreachableError,
)
from failover.procedures.commands import begun
from failover.procedures.opening import begin, open_incident
from failover.records import Control, JournalEntry
from failover.topology import digest
from tests.products import AP, EU, US
from tests.unit.procedures.decisions import decided
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

BY_HAND = {"subject": US, "reason": "maintenance of the region"}


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


def losing_the_answer(world: World, number: int) -> list[bool]:
    """The answer of that change of the control item is lost, though it happened."""
    change, left = world.store.change_control, [False] * (number - 1) + [True]

    def losing(seen: Control, wanted: Control) -> Control:
        after = change(seen, wanted)
        if left and left.pop(0):
            raise StoreUnreachableError("no answer")
        return after

    world.store.change_control = losing  # type: ignore[method-assign]
    return left


def test_a_request_by_hand_opens_and_joins(world: World) -> None:
    document = begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")
    incident = world.store.control().incident
    assert incident is not None
    assert (incident.rule, incident.reason, incident.execution) == ("MANUAL", BY_HAND["reason"], "arn:e:by-hand")
    assert document == begun(world.topology, incident)
    assert document["topology_digest"] == digest(world.topology)


def test_a_request_by_hand_whose_answer_was_lost_is_the_same_request(world: World) -> None:
    """The state machine tries OpenIncident again; it must find what it did and not refuse itself."""
    losing_the_answer(world, 1)
    with pytest.raises(StoreUnreachableError):
        begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")
    begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")
    assert world.kinds().count("JOINED") == 1
    incident = world.store.control().incident
    assert incident is not None
    assert (incident.term, incident.execution) == (1, "arn:e:by-hand")


@pytest.mark.parametrize(
    ("here", "document"), [(AP, BY_HAND), (EU, {**BY_HAND, "subject": AP}), (EU, BY_HAND)], ids=str
)
def test_another_request_by_hand_is_refused_while_one_is_worked_on(
    world: World, here: str, document: dict[str, Any]
) -> None:
    begin(world.ports(EU), world.topology, BY_HAND, "arn:e:first")
    with pytest.raises(IncidentRefusedError, match="owned by eu-west-1; one at a time"):
        begin(world.ports(here), world.topology, document, "arn:e:second")


def test_an_incident_that_is_opened_by_hand_has_its_execution_at_once(world: World) -> None:
    """Else the decision, which looks in this very moment, takes it for one that never began, and starts another."""
    rules, append = list[str](), world.store.append

    def look(entry: JournalEntry) -> None:
        world.store.append = append  # type: ignore[method-assign]
        rules.append(decided(world.ports(EU), world))
        append(entry)

    world.store.append = look  # type: ignore[method-assign]
    begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")
    assert rules == ["R110"]
    assert world.machines.started == {}


def test_an_automatic_incident_is_not_joined_by_a_request_by_hand(world: World) -> None:
    open_incident(world.ports(EU), world.topology, US, "R330", "down")
    with pytest.raises(IncidentRefusedError):
        begin(world.ports(EU), world.topology, BY_HAND, "arn:e:by-hand")


def test_a_decision_that_knew_nothing_of_an_incident_since_opens_none(world: World) -> None:
    """Between its last look and its write another region opened one, and closed it again."""
    decided_on = world.store.control()
    open_incident(world.ports(AP), world.topology, US, "R330", "down")
    control = world.store.control()
    world.store.change_control(control, replace(control, incident=None, closed="us-east-1-2", outcome="FAILED_OVER"))
    with pytest.raises(ChangedMeanwhileError, match="us-east-1-2 was opened and closed since"):
        open_incident(world.ports(EU), world.topology, US, "R330", "down", decided_on=decided_on)
    assert open_incident(world.ports(EU), world.topology, US, "R330", "down", decided_on=world.store.control())


class TestJoining:
    def document(self, moving: OpenIncident, **changes: Any) -> dict[str, Any]:
        incident = moving.world.store.control().incident
        assert incident is not None
        whole = begun(moving.topology, incident)
        return {**whole, "incident": {**whole["incident"], **changes}}

    def test_the_same_execution_may_join_again(self) -> None:
        moving = OpenIncident()
        first = begin(moving.ports, moving.topology, self.document(moving), "arn:e:one")
        assert begin(moving.ports, moving.topology, self.document(moving), "arn:e:one") == first

    def test_another_execution_may_not(self) -> None:
        moving = OpenIncident()
        begin(moving.ports, moving.topology, self.document(moving), "arn:e:one")
        with pytest.raises(StaleTermError, match="arn:e:one works on incident"):
            begin(moving.ports, moving.topology, self.document(moving), "arn:e:two")

    @pytest.mark.parametrize("other", [{"id": "us-east-1-99"}, {"owner": AP}, {"term": 2}, {"term": 0}])
    def test_a_ticket_that_is_not_the_current_one_joins_nothing(self, other: dict[str, Any]) -> None:
        moving = OpenIncident()
        with pytest.raises(StaleTermError):
            begin(moving.ports, moving.topology, self.document(moving, **other), "arn:e:one")
        incident = moving.world.store.control().incident
        assert incident is not None
        assert incident.execution is None

    def test_a_line_of_the_journal_that_was_lost_is_told_by_the_next_try(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whether an execution SUCCEEDED rightly is judged by it."""
        moving = OpenIncident()
        document, append = self.document(moving), moving.world.store.append

        def failing(entry: object) -> None:
            raise StoreUnreachableError("no answer")

        monkeypatch.setattr(moving.world.store, "append", failing)
        with pytest.raises(StoreUnreachableError):
            begin(moving.ports, moving.topology, document, "arn:e:one")
        monkeypatch.setattr(moving.world.store, "append", append)
        begin(moving.ports, moving.topology, document, "arn:e:one")
        (joined,) = [entry for entry in moving.world.store.journal() if entry.kind == "JOINED"]
        assert joined.facts == {"execution": "one", "machine": "failover"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "subject: got None; name a region of quickstart, one of: us-east-1, eu-west-1, ap-southeast-1"),
        ({"subject": "mars"}, "subject: got 'mars'"),
        ({"subject": ["us-east-1"]}, "subject: got"),
        ({"subject": EU, "reason": "x"}, "a lost region cannot run its own failover"),
        ({"subject": US}, "reason: missing"),
        ({"subject": US, "reason": "   "}, "reason: missing"),
        ({"subject": US, "reason": 7}, "reason: missing"),
        ({"incident": {}}, "incident: lacks 'id'"),
        ({"incident": None}, "incident: lacks"),
        ({"incident": "us-east-1-2"}, "incident: lacks"),
    ],
)
def test_a_request_that_is_none_says_what_is_wrong(world: World, document: dict[str, Any], message: str) -> None:
    before = world.store.control()
    with pytest.raises(RequestInvalidError, match=message):
        begin(world.ports(EU), world.topology, document, "arn:e:one")
    assert world.store.control() == before


def test_the_databases_of_an_incident_are_those_that_the_subject_writes(world: World) -> None:
    assert open_incident(world.ports(EU), world.topology, AP, "R330", "down").databases == ()


def test_every_opening_has_an_id_and_a_term_of_its_own(world: World) -> None:
    seen = set()
    for _ in range(3):
        incident = open_incident(world.ports(EU), world.topology, US, "R330", "down")
        seen.add((incident.id, incident.term))
        control = world.store.control()
        world.store.change_control(control, replace(control, incident=None))
    assert len({id_ for id_, _ in seen}) == 3
    assert {term for _, term in seen} == {1, 2, 3}
