"""Core, handlers, machine and journal together, over many ticks, in memory."""

import pytest

from failover.procedures.operating import consent
from failover.records import Phase
from tests.products import AP, EU, US
from tests.worlds import World


@pytest.fixture
def world() -> World:
    return World()


def test_a_dead_hour_is_failed_over_once(world: World) -> None:
    world.run(60)
    world.kill(US)
    world.run(3600)
    assert world.kinds().count("INCIDENT_OPENED") == 1
    assert list(world.executed.values()) == ["SUCCEEDED"]
    assert world.writer() == EU
    assert world.store.control().evacuated.keys() == {US}
    assert world.replicas.asked == [("orders", EU)]


def test_a_blip_of_twenty_seconds_changes_nothing(world: World) -> None:
    world.run(60)
    world.kill(US)
    world.run(20)
    world.revive(US)
    world.run(120)
    assert world.executed == {}
    assert world.writer() == US
    assert "INCIDENT_OPENED" not in world.kinds()


def test_a_returned_primary_gets_no_lease_and_no_traffic(world: World) -> None:
    world.run(60)
    world.kill(US)
    world.run(90)
    world.revive(US)
    world.run(600)
    assert world.writer() == EU
    assert not world.copies["orders", US].open()
    assert US in world.store.control().evacuated


def test_a_blind_observer_is_no_evidence(world: World) -> None:
    world.run(60)
    world.blind = {EU}
    world.kill(US)
    world.run(300)
    assert world.executed == {}
    assert world.writer() is None  # its lease ran out, and nobody else may write without two seeing observers


def test_no_promotion_before_the_lease_has_run_out(world: World) -> None:
    world.run(60)
    world.kill(US)
    world.run(90)
    kinds = world.kinds()
    assert kinds.index("LEASE_REVOKED") < kinds.index("LEASE_WAITED_OUT") < kinds.index("PROMOTING")


def test_a_fenced_source_spares_the_wait(world: World) -> None:
    """The region's application is dark, its database and its functions alive: it can be fenced."""
    world.run(60)
    world.dark.add(US)
    world.run(60)
    assert "FENCED" in world.kinds()
    assert "LEASE_WAITED_OUT" not in world.kinds()
    assert world.copies["orders", US].gate_fenced


def test_a_lagging_replica_waits_for_consent(world: World) -> None:
    world.lagging = {EU, AP}
    world.run(60)
    world.kill(US)
    before, waits = world.clock.sleep, iter(range(1, 100))

    def sleep(seconds: float) -> None:
        if seconds == 5 and next(waits) == 3:
            assert world.replicas.asked == []
            consent(world.ports(EU), world.topology, "orders", "the operator on call", "the region is gone")
        before(seconds)

    world.clock.sleep = sleep  # type: ignore[method-assign]
    world.run(90)
    assert list(world.executed.values()) == ["SUCCEEDED"]
    assert world.writer() == EU


def test_a_refused_promotion_is_asked_again_of_the_same_target(world: World) -> None:
    world.run(60)
    world.replicas.refusals = 3
    world.kill(US)
    world.run(120)
    assert world.replicas.asked == [("orders", EU)]
    assert world.writer() == EU


def test_a_promotion_that_is_always_refused_holds_and_pages(world: World) -> None:
    world.run(60)
    world.replicas.refusals = 10_000
    world.kill(US)
    world.run(60)
    assert list(world.executed.values()) == ["FAILED PromotionRefusedError"]
    assert world.store.control().incident is not None
    assert world.store.database("orders").phase is Phase.PROMOTING
    assert any("needs you" in subject for subject, _ in world.pager.pages)
    assert world.replicas.asked == []


def test_a_failure_before_the_point_of_no_return_is_undone(world: World) -> None:
    """Between the decision and the point of no return every candidate is lost: nothing may be promoted."""
    world.run(60)
    world.dark.add(US)

    def lose_candidates(state: str) -> None:
        if state == "ChooseTarget":
            for region in (EU, AP):
                world.copies["orders", region].reachable = False

    world.states = Listening(lose_candidates)
    world.run(45)
    assert list(world.executed.values()) == ["FAILED DatabaseUnreachableError"]
    record = world.store.database("orders")
    assert (record.writer, record.phase, record.epoch) == (US, Phase.STEADY, 3)
    assert world.store.control().evacuated == {}
    assert world.copies["orders", US].open()


def test_a_manual_execution_opens_an_incident_of_its_own(world: World) -> None:
    world.run(30)
    outcome = world.execute("failover", {"subject": US, "reason": "maintenance of the region"}, "by-hand", EU)
    assert outcome == "SUCCEEDED"
    assert world.writer() == EU


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"subject": "mars-north-1", "reason": "x"}, "RequestInvalidError"),
        ({"subject": EU, "reason": "x"}, "RequestInvalidError"),
        ({"subject": US}, "RequestInvalidError"),
        ({"incident": {"id": "us-east-1-9", "subject": US, "owner": EU, "term": 7}}, "StaleTermError"),
        ({"incident": {"id": "us-east-1-9"}}, "RequestInvalidError"),
    ],
)
def test_a_bad_request_is_refused_before_any_mutation(world: World, document: dict[str, object], error: str) -> None:
    world.run(30)
    control, record = world.store.control(), world.store.database("orders")
    assert world.execute("failover", document, "by-hand", EU) == f"FAILED {error}"
    assert (world.store.control(), world.store.database("orders")) == (control, record)


def test_a_second_execution_of_the_same_term_stops_at_once(world: World) -> None:
    world.run(60)
    world.kill(US)
    world.run(45)
    (name, (machine, document)) = next(iter(world.machines.started.items()))
    assert world.executed[name] == "SUCCEEDED"
    assert world.execute(machine, document, "a copy of it", EU) == "FAILED StaleTermError"


def test_a_pause_wins_before_the_point_of_no_return(world: World) -> None:
    world.run(60)
    world.dark.add(US)

    def pause(state: str) -> None:
        if state == "ChooseTarget":
            world.pause()

    world.states = Listening(pause)
    world.run(60)
    assert list(world.executed.values()) == ["FAILED PausedByOperatorError"]
    assert world.writer() == US
    assert world.replicas.asked == []


class Listening(list[str]):
    """A list of states that tells of each as it is entered."""

    def __init__(self, told: object) -> None:
        super().__init__()
        self._told = told

    def append(self, state: str) -> None:
        self._told(state)  # type: ignore[operator]
        super().append(state)
