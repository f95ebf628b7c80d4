"""Who may become the writer: each refusal with its reason, the least loss first."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from failover.decision import Candidate, Room
from failover.errors import DatabaseUnreachableError, FatalError, GateRefusedError, RequestInvalidError
from failover.ports import CopyState
from failover.procedures.candidates import candidates, candidates_of
from failover.records import Control, Divergence, Health, Vote
from failover.topology import Region, Role
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.incidents import AgentBetween
from tests.worlds import World


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


def found(world: World, control: Control | None = None, votes: tuple[Vote, ...] = ()) -> dict[str, Candidate]:
    ports, record = world.ports(EU), world.store.database("orders")
    ordered = candidates(ports, world.topology, record, control or world.store.control(), votes)
    return {each.region: each for each in ordered}


def test_every_copy_but_the_writers_is_weighed_in_the_documents_order(world: World) -> None:
    assert list(found(world)) == [EU, AP]
    assert not any(each.refused for each in found(world).values())


def test_the_least_loss_comes_first(world: World) -> None:
    world.copies["orders", EU].position = 100
    assert list(found(world)) == [AP, EU]


def test_an_unknown_loss_comes_after_every_known_one(world: World) -> None:
    world.copies["orders", EU].position = -1
    assert [(region, each.loss_seconds is None) for region, each in found(world).items()] == [(AP, False), (EU, True)]


def test_a_copy_in_an_evacuated_region_is_refused_and_comes_last(world: World) -> None:
    seen = found(world, control=replace(world.store.control(), evacuated={EU: "us-east-1-7"}))
    assert list(seen) == [AP, EU]
    assert seen[EU].refused == "evacuated"


def test_a_copy_in_a_region_that_is_down_is_refused(world: World) -> None:
    votes = tuple(
        Vote(EU, observer, Health.UNHEALTHY, "", 1, 1, world.clock.now(), 1.0, ("a",)) for observer in (US, AP)
    )
    assert found(world, votes=votes)[EU].refused == "down, the observers say"
    assert not found(world, votes=votes[:1])[EU].refused, "one voice is no quorum"


def test_data_does_not_leave_its_residency_zone(world: World) -> None:
    topology = quickstart()
    outside = Region(AP, Role.SECONDARY, "asia", "10.30.0.0/16")
    world.topology = replace(topology, regions=(*topology.regions[:2], outside))
    assert found(world)[AP].refused == "outside the residency zone global"


def test_a_copy_that_somebody_promoted_by_hand_is_no_replica(world: World) -> None:
    world.copies["orders", EU].in_recovery = False
    assert "promoted it outside Lifeboat" in found(world)[EU].refused


def test_nobody_knows_what_a_copy_lacks_that_diverged_however_far_it_is(world: World) -> None:
    """It comes after all others, and goes only with consent: with all others lost it is the last copy."""
    copy, record = world.copies["orders", EU], world.store.database("orders")
    copy.position, copy.gate_epoch = copy.position + 100_000, record.epoch - 1
    world.store.change_database(record, replace(record, diverged={EU: Divergence(2, 4711)}))
    assert list(found(world)) == [AP, EU]
    assert found(world)[EU] == Candidate(EU, None, doubt="it does not follow the writer since epoch 2")


def test_a_copy_that_has_the_writers_admission_follows_it_whatever_was_written_down(world: World) -> None:
    record = world.store.database("orders")
    world.store.change_database(record, replace(record, diverged={EU: Divergence(2, 4711)}))
    assert found(world)[EU].loss_seconds is not None


def test_a_copy_that_is_being_rebuilt_is_none(world: World) -> None:
    record = world.store.database("orders")
    world.store.change_database(record, replace(record, diverged={EU: Divergence(2, 4711, rejoining=True)}))
    assert found(world)[EU].refused == "being rebuilt"


@pytest.mark.parametrize(("version", "fit"), [(0, True), (170009, False), (180001, True), (190000, True)])
def test_an_older_major_version_than_the_writers_is_refused(world: World, version: int, fit: bool) -> None:
    world.copies["orders", US].version = 180003
    world.run(6)  # a renewal tells the writer's version
    world.copies["orders", EU].version = version
    assert found(world)[EU].refused == ("" if fit else "runs PostgreSQL 17, and the writer ran 18; upgrade it")


def test_a_writer_whose_version_nobody_knows_refuses_no_copy(world: World) -> None:
    world.copies["orders", EU].version = 90600
    assert not found(world)[EU].refused


def test_a_region_without_a_node_in_service_gets_no_writer(world: World) -> None:
    record = world.store.database("orders")
    weighed = candidates_of(
        world.ports(EU), world.topology, [record], world.store.control(), (), capacity={EU: Room(0, 6), AP: Room(1, 6)}
    )
    assert [(each.region, each.refused) for each in weighed["orders"]] == [
        (AP, ""),
        (EU, "no node of its region is in service"),
    ]


def test_a_copy_that_is_refused_already_is_not_asked(world: World) -> None:
    asked: list[str] = []

    def around(call: str, ask: Callable[[], CopyState]) -> CopyState:
        asked.append(call)
        return ask()

    ports, control = world.ports(EU), replace(world.store.control(), evacuated={EU: "us-east-1-7"})
    agent = AgentBetween(ports, around)
    candidates(replace(ports, agent=agent), world.topology, world.store.database("orders"), control, ())
    assert asked == ["describe"]


@pytest.mark.parametrize("error", [DatabaseUnreachableError, FatalError, GateRefusedError, RequestInvalidError])
def test_a_copy_that_is_out_of_order_does_not_stand_in_the_way_of_another(world: World, error: type[Exception]) -> None:
    """A wrong password of one replica must not make every failover fail."""
    ports, record = world.ports(EU), world.store.database("orders")
    asked = iter([True])

    def around(call: str, ask: Callable[[], CopyState]) -> CopyState:
        if next(asked, False):
            raise error("it says no")
        return ask()

    first, second = candidates(
        replace(ports, agent=AgentBetween(ports, around)), world.topology, record, world.store.control(), ()
    )
    assert (first.region, first.refused) == (AP, "")
    assert second.region == EU
    assert "it says no" in second.refused
