"""From the point of no return to the new writer's lease."""

from dataclasses import replace

import pytest

from failover.adapters.memory import MemoryCopy
from failover.errors import (
    ConsentMissingError,
    ConsentTimedOutError,
    DatabaseUnreachableError,
    GateRefusedError,
    NoTargetError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
    StaleTermError,
    TargetNotServingError,
)
from failover.ports import ReplicaState
from failover.procedures.choosing import choose_target
from failover.procedures.closing import verify_target, weigh_failure
from failover.procedures.operating import consent
from failover.procedures.promotion import admit_writer, promote_database
from failover.records import IncidentState, LeaseState, LossAllowed, Phase
from failover.topology import Database, DatasetKind, Engine
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.decisions import refusing
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import ORDER, STEPS, until
from tests.worlds import World


class ExecutorDiedError(BaseException):
    """The function ends where it is."""


def at(step: str) -> OpenIncident:
    return until(step, OpenIncident())


def dies(*_told: object) -> None:
    raise ExecutorDiedError


class TestChoosing:
    def test_the_point_of_no_return_names_target_and_epoch(self) -> None:
        moving = at("choose_target")
        assert choose_target(moving.ports, moving.of_all()) == {"orders": EU}
        assert (moving.record.phase, moving.record.target, moving.record.epoch) == (Phase.PROMOTING, EU, 1)
        (told,) = [entry for entry in moving.world.store.journal() if entry.kind == "PROMOTING"]
        assert (told.epoch, told.facts) == (2, {"loss_bound": "0.0 s"})

    def test_a_target_that_is_written_stays_though_a_better_one_appears(self) -> None:
        moving = at("promote_database")
        moving.world.copies["orders", AP].position += 1000
        moving.world.copies["orders", EU].reachable = False
        assert choose_target(moving.ports, moving.of_all()) == {"orders": EU}
        assert moving.record.target == EU

    def test_without_any_copy_it_says_why_each_was_refused(self) -> None:
        moving = at("choose_target")
        for region in (EU, AP):
            moving.world.copies["orders", region].in_recovery = False
        with pytest.raises(NoTargetError, match=r"eu-west-1: no replica any more.*ap-southeast-1: no replica any more"):
            choose_target(moving.ports, moving.of_all())
        assert moving.record.phase is Phase.FENCED

    def test_a_copy_that_did_not_answer_this_time_is_asked_again(self) -> None:
        """One call that is throttled must not undo a failover, and begin a cool-down of an hour."""
        moving = at("choose_target")
        moving.world.copies["orders", EU].reachable = False
        moving.world.copies["orders", AP].in_recovery = False
        with pytest.raises(DatabaseUnreachableError, match=r"may be promoted yet .*eu-west-1: unreachable"):
            choose_target(moving.ports, moving.of_all())
        moving.world.copies["orders", EU].reachable = True
        assert choose_target(moving.ports, moving.of_all()) == {"orders": EU}

    def test_databases_move_together_or_not_at_all(self) -> None:
        both = (
            *quickstart().databases,
            Database("invoices", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", US, (EU,), 60, "db.r6g.large", 9),
        )
        moving = OpenIncident(World(quickstart(databases=both)))
        for name in moving.databases:
            record = moving.world.store.database(name)
            stopped = replace(record, phase=Phase.FENCED, incident=moving.ticket.id, final=0)
            moving.world.store.change_database(record, stopped)
        moving.world.copies["invoices", EU].in_recovery = False
        with pytest.raises(NoTargetError, match="invoices"):
            choose_target(moving.ports, moving.of_all())
        assert {moving.world.store.database(name).phase for name in moving.databases} == {Phase.FENCED}


class TestConsenting:
    def lagging(self) -> OpenIncident:
        moving = OpenIncident()
        for region in (EU, AP):
            moving.world.copies["orders", region].position = -1
            moving.world.lagging.add(region)
        return until("choose_target", moving)

    def test_an_unknown_loss_is_never_taken_for_none(self) -> None:
        moving = self.lagging()
        with pytest.raises(ConsentMissingError, match="would lose unknown of writes; 60 s are allowed"):
            choose_target(moving.ports, moving.of_all())
        incident = moving.world.store.control().incident
        assert incident is not None
        assert incident.state is IncidentState.WAITING
        assert moving.record.phase is Phase.FENCED

    def test_a_consent_opens_the_way_and_ends_the_waiting(self) -> None:
        moving = self.lagging()
        with pytest.raises(ConsentMissingError):
            choose_target(moving.ports, moving.of_all())
        consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
        assert choose_target(moving.ports, moving.of_all()) == {"orders": EU}
        incident = moving.world.store.control().incident
        assert incident is not None
        assert (incident.state, incident.waiting_since) == (IncidentState.OPEN, None)

    def test_a_consent_that_comes_back_when_its_writer_is_gone_counts_for_nothing(self) -> None:
        """A write that was given up for lost may arrive after the withdrawal, and the item is there again."""
        moving = self.lagging()
        given = consent(moving.ports, moving.topology, "orders", "on call", "the region is gone")
        record = moving.record
        moving.world.store.change_database(record, replace(record, epoch=record.epoch + 1))
        moving.world.store.say(given)
        with pytest.raises(ConsentMissingError):
            choose_target(moving.ports, moving.of_all())

    def test_nobody_answering_for_an_hour_is_a_no(self) -> None:
        moving = self.lagging()
        for _ in range(60):
            with pytest.raises(ConsentMissingError):
                choose_target(moving.ports, moving.of_all())
            moving.world.clock.sleep(60)
        moving.world.clock.sleep(1)
        with pytest.raises(ConsentTimedOutError):
            choose_target(moving.ports, moving.of_all())
        assert moving.record.phase is Phase.FENCED

    def test_a_replica_that_catches_up_needs_no_consent(self) -> None:
        moving = self.lagging()
        with pytest.raises(ConsentMissingError):
            choose_target(moving.ports, moving.of_all())
        moving.world.copies["orders", AP].position = moving.world.copies["orders", US].position
        assert choose_target(moving.ports, moving.of_all()) == {"orders": AP}


class Replicas:
    """``ports.ReplicaService`` that answers what a list says, the last again and again."""

    def __init__(self, states: list[ReplicaState], error: Exception | None = None) -> None:
        self.states, self.error, self.asked = states, error, 0

    def describe(self, database: str, region: str) -> ReplicaState:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        raise AssertionError("nothing rejoins here")


REPLICA = ReplicaState("available", "the source")
DONE = ReplicaState("available", None)


class TestPromoting:
    def with_replicas(self, moving: OpenIncident, replicas: Replicas) -> Replicas:
        moving.ports = replace(moving.ports, replicas=replicas)
        return replicas

    def test_a_replica_that_says_available_is_not_promoted_yet(self) -> None:
        moving = at("promote_database")
        replicas = self.with_replicas(moving, Replicas([REPLICA]))
        with pytest.raises(PromotionNotDoneError):
            promote_database(moving.ports, moving.of_database())
        assert replicas.asked == 1, "asked once, and then looked at"

    def test_a_server_in_recovery_is_not_promoted_whatever_the_service_says(self) -> None:
        moving = at("promote_database")
        replicas = self.with_replicas(moving, Replicas([DONE]))
        with pytest.raises(PromotionNotDoneError):
            promote_database(moving.ports, moving.of_database())
        assert replicas.asked == 0

    def test_one_that_is_promoted_already_is_not_asked_again(self) -> None:
        moving = at("promote_database")
        moving.world.copies["orders", EU].in_recovery = False
        replicas = self.with_replicas(moving, Replicas([DONE]))
        assert promote_database(moving.ports, moving.of_database()) == {"target": EU}
        assert replicas.asked == 0

    @pytest.mark.parametrize("status", ["modifying", "rebooting", "creating"])
    def test_a_status_between_is_waited_for(self, status: str) -> None:
        moving = at("promote_database")
        between = ReplicaState(status, "the source")
        replicas = self.with_replicas(moving, Replicas([between, between, REPLICA, between, DONE]))
        moving.world.copies["orders", EU].in_recovery = False
        assert promote_database(moving.ports, moving.of_database()) == {"target": EU}
        assert replicas.asked == 1

    def test_a_backup_refuses_for_now(self) -> None:
        moving = at("promote_database")
        replicas = self.with_replicas(moving, Replicas([ReplicaState("backing-up", "the source")]))
        with pytest.raises(ReplicaNotReadyError, match="backing-up"):
            promote_database(moving.ports, moving.of_database())
        assert replicas.asked == 0

    @pytest.mark.parametrize(
        "error", [PromotionRefusedError("no"), PromotionNotDoneError("?"), ReplicaNotReadyError("modifying")]
    )
    def test_what_the_service_says_keeps_its_name_and_the_target_stays(self, error: Exception) -> None:
        moving = at("promote_database")
        self.with_replicas(moving, Replicas([REPLICA], error))
        with pytest.raises(type(error)):
            promote_database(moving.ports, moving.of_database())
        assert (moving.record.phase, moving.record.target) == (Phase.PROMOTING, EU)

    def test_one_attempt_ends_within_its_steps_time_limit(self) -> None:
        moving = at("promote_database")
        self.with_replicas(moving, Replicas([REPLICA]))
        began = moving.world.clock.elapsed()
        with pytest.raises(PromotionNotDoneError):
            promote_database(moving.ports, moving.of_database())
        assert moving.world.clock.elapsed() - began <= 15


@pytest.fixture
def granted_untold(monkeypatch: pytest.MonkeyPatch) -> OpenIncident:
    """The store has granted, whoever did so died before the gate opened, and the target is lost since."""
    moving = until("admit_writer", OpenIncident())
    with monkeypatch.context() as patch:
        patch.setattr(MemoryCopy, "admit", dies)
        with pytest.raises(ExecutorDiedError):
            admit_writer(moving.ports, moving.of_database())
    moving.world.copies["orders", EU].reachable = False
    return moving


class TestAdmitting:
    def test_the_grant_is_in_the_store_before_the_gate_opens(self) -> None:
        moving = at("admit_writer")
        moving.world.copies["orders", EU].reachable = False
        with pytest.raises(DatabaseUnreachableError):
            admit_writer(moving.ports, moving.of_database())
        assert moving.record.epoch == 1, "an unreachable target is granted nothing"
        moving.world.copies["orders", EU].reachable = True
        assert admit_writer(moving.ports, moving.of_database()) == {"writer": EU, "epoch": 2}
        record = moving.record
        assert (record.writer, record.epoch, record.lease.state) == (EU, 2, LeaseState.GRANTED)

    def test_admitting_again_keeps_the_epoch_and_counts_as_a_renewal(self) -> None:
        moving = at("verify_target")
        before = moving.record
        moving.world.clock.sleep(60)
        assert admit_writer(moving.ports, moving.of_database()) == {"writer": EU, "epoch": 2}
        assert moving.record.lease.renewal > before.lease.renewal
        assert moving.world.writer() == EU

    def test_one_that_is_made_a_replica_between_the_store_and_its_gate_is_told_of(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moving = until("admit_writer", OpenIncident())
        monkeypatch.setattr(MemoryCopy, "admit", refusing(GateRefusedError("in recovery")))
        with pytest.raises(GateRefusedError):
            admit_writer(moving.ports, moving.of_database())
        (told,) = [each for each in moving.world.store.journal() if each.kind == "ADMITTED"]
        assert told.text == "eu-west-1 may write orders by the store, and its gate does not open: in recovery"

    @pytest.mark.parametrize("step", ["admit_writer", "promote_database"], ids=["tried-again", "in-the-next-term"])
    def test_one_that_is_lost_after_the_grant_is_told_of_though_the_first_try_died_untold(
        self, granted_untold: OpenIncident, step: str
    ) -> None:
        with pytest.raises(DatabaseUnreachableError):
            STEPS[step](granted_untold)
        (told,) = [each for each in granted_untold.world.store.journal() if each.kind == "ADMITTED"]
        assert (told.epoch, told.incident) == (2, granted_untold.ticket.id)
        assert "its gate does not open" in told.text

    @pytest.mark.parametrize("step", ["admit_writer", "promote_database"])
    def test_who_has_lost_the_term_tells_nothing(self, granted_untold: OpenIncident, step: str) -> None:
        granted_untold.superseded()
        with pytest.raises(StaleTermError):
            STEPS[step](granted_untold)
        assert not [each for each in granted_untold.world.store.journal() if each.kind == "ADMITTED"]

    def test_a_target_that_was_made_a_replica_again_is_not_made_the_writer_in_the_store(self) -> None:
        moving = at("admit_writer")
        before = moving.record
        moving.world.copies["orders", EU].in_recovery = True
        with pytest.raises(GateRefusedError, match="eu-west-1 is a replica again"):
            admit_writer(moving.ports, moving.of_database())
        assert moving.record == before

    def test_the_new_writers_guard_takes_over(self) -> None:
        moving = at("close_incident")
        moving.world.run(60)
        assert moving.world.writer() == EU


class TestVerifying:
    def test_a_gate_that_is_shut_is_not_serving(self) -> None:
        moving = at("verify_target")
        moving.world.clock.sleep(60)
        with pytest.raises(TargetNotServingError, match="gate open False, gate's epoch 2, granted epoch 2"):
            verify_target(moving.ports, moving.of_all())

    def test_a_gate_of_another_epoch_is_not_serving(self) -> None:
        moving = at("verify_target")
        record = moving.record
        moving.world.store.change_database(record, replace(record, epoch=3))
        with pytest.raises(TargetNotServingError, match="granted epoch 3"):
            verify_target(moving.ports, moving.of_all())


@pytest.mark.parametrize("step", ORDER[:-1])
def test_the_store_knows_on_which_side_of_the_point_of_no_return_it_failed(step: str) -> None:
    moving = at(step)
    after = ORDER.index(step) > ORDER.index("choose_target")
    assert weigh_failure(moving.ports, moving.of_all()) == {"stand": "AFTER" if after else "BEFORE"}


def test_a_promotion_whose_write_was_lost_on_the_way_back_is_after() -> None:
    """The executor saw an error; the store says PROMOTING."""
    moving = at("choose_target")
    STEPS["choose_target"](moving)
    assert weigh_failure(moving.ports, moving.of_all()) == {"stand": "AFTER"}
