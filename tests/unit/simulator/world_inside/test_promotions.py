"""RDS and Aurora as ones that promote and rebuild: what they accept, when it takes effect, and what they say."""

from dataclasses import replace

import pytest

from failover.errors import LifeboatError, PromotionNotDoneError, PromotionRefusedError, ReplicaNotReadyError
from failover.records import LossAllowed
from failover.topology import Engine
from rehearsal.history import Promotion
from simulator.world.databases import Copy
from simulator.world.services import NextCalls
from simulator.world.world import World
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_inside.deployed import world

ORDERS = "orders"


def aurora() -> World:
    product = quickstart()
    database = replace(product.databases[0], engine=Engine.AURORA_POSTGRES)
    return world(replace(product, databases=(database,)))


@pytest.fixture
def made() -> World:
    return world()


def promote(made: World, region: str = EU) -> None:
    made.promotions.promote(ORDERS, region, loss=LossAllowed.CONSENTED)


def takes(made: World) -> float:
    return made.latencies.of(f"promotion.{made.topology.databases[0].engine.value}").p50


def rebuilds(made: World) -> float:
    """A new copy is made, and takes the old one's name."""
    engine = made.topology.databases[0].engine.value
    return made.latencies.of(f"rebuild.{engine}").p50 + made.latencies.of("rds.rename").p50


def copy(made: World, region: str = EU) -> Copy:
    return made.copies[ORDERS, region]


def told(made: World, region: str = EU) -> tuple[str, bool]:
    state = made.promotions.describe(ORDERS, region)
    return state.status, state.source is not None


class TestPromoting:
    """A promotion takes its time, takes effect at its end, and cannot be taken back."""

    def test_until_it_is_done_the_copy_is_a_replica_and_says_modifying(self, made: World) -> None:
        assert told(made) == ("available", True)
        promote(made)
        made.kernel.run(takes(made) - 0.1)
        assert told(made) == ("modifying", True)
        assert copy(made).in_recovery and made.promotions.is_busy
        made.kernel.run(takes(made) + 0.1)
        assert told(made) == ("available", False)
        assert not copy(made).in_recovery and not made.promotions.is_busy

    def test_asked_again_it_is_refused_for_now(self, made: World) -> None:
        promote(made)
        with pytest.raises(ReplicaNotReadyError):
            promote(made)
        made.kernel.run(takes(made) + 0.1)
        with pytest.raises(ReplicaNotReadyError):
            promote(made)
        assert copy(made).timeline == 2

    def test_it_is_told_when_it_is_asked_for_and_when_it_is_done(self, made: World) -> None:
        heard: list[Promotion] = []
        made.heard_promotion = heard.append
        made.kernel.run(3.0)
        promote(made)
        made.kernel.run(500.0)
        asked, done = heard
        assert (asked.at, asked.accepted, asked.done_at) == (3.0, True, None)
        assert done.at == 3.0 and done.done_at == pytest.approx(3.0 + takes(made))
        assert made.recorder.promotions == [done]

    def test_a_slow_one_takes_longer(self, made: World) -> None:
        made.promotions.slow_seconds = {EU: 30.0, "*": 5.0}
        promote(made)
        promote(made, AP)
        made.kernel.run(takes(made) + 5.1)
        assert (copy(made, AP).in_recovery, copy(made).in_recovery) == (False, True)
        made.kernel.run(takes(made) + 35.1)
        assert not copy(made).in_recovery

    def test_one_whose_server_goes_down_is_done_when_it_runs_again(self, made: World) -> None:
        promote(made)
        copy(made).reachable = False
        made.kernel.run(takes(made) + 60.0)
        assert copy(made).in_recovery
        assert told(made)[0] == "modifying"
        copy(made).reachable = True
        made.kernel.run(takes(made) + 61.5)
        assert not copy(made).in_recovery


class TestFailing:
    """What goes wrong with the call itself."""

    @pytest.mark.parametrize(
        ("error", "raised"),
        [
            ("InvalidDBInstanceState", ReplicaNotReadyError),
            ("InvalidDBInstanceStateFault", ReplicaNotReadyError),
            ("AccessDenied", PromotionRefusedError),
        ],
    )
    @pytest.mark.parametrize("place", [EU, "*"])
    def test_the_next_calls_are_refused_and_nothing_happens(
        self, made: World, error: str, raised: type[LifeboatError], place: str
    ) -> None:
        made.promotions.failing.append(NextCalls(place, 2, error))
        for _ in range(2):
            with pytest.raises(raised, match=error):
                promote(made)
        made.kernel.run(500.0)
        assert copy(made).in_recovery
        promote(made)
        made.kernel.run(1000.0)
        assert not copy(made).in_recovery
        assert [each.accepted for each in made.recorder.promotions] == [False, False, True]

    @pytest.mark.parametrize("place", [EU, "*"])
    def test_one_that_is_not_answered_is_done(self, made: World, place: str) -> None:
        made.promotions.failing.append(NextCalls(place, 1))
        with pytest.raises(PromotionNotDoneError):
            promote(made)
        assert told(made)[0] == "modifying"
        made.kernel.run(500.0)
        assert not copy(made).in_recovery
        left = [each.times for each in made.promotions.failing]
        assert left == [0]

    def test_where_both_stand_the_refusal_comes_first(self, made: World) -> None:
        made.promotions.failing.append(NextCalls(EU, 1))
        made.promotions.failing.append(NextCalls(EU, 1, "AccessDenied"))
        with pytest.raises(PromotionRefusedError):
            promote(made)
        with pytest.raises(PromotionNotDoneError):
            promote(made)


class TestRebuilding:
    """The old writer comes back as a replica of the new one."""

    @pytest.fixture
    def moved(self, made: World) -> World:
        promote(made)
        made.kernel.run(500.0)
        return made

    def test_it_takes_its_time_and_follows_the_writer_then(self, moved: World) -> None:
        moved.promotions.rejoin(ORDERS, US, EU, 2)
        moved.kernel.run(500.0 + rebuilds(moved) - 0.1)
        assert told(moved, US)[0] == "creating"
        moved.kernel.run(500.0 + rebuilds(moved) + 0.1)
        assert copy(moved, US).follows is copy(moved)
        assert copy(moved, US).in_recovery
        assert told(moved, US) == ("available", True)

    def test_one_that_follows_already_is_left_alone(self, made: World) -> None:
        made.promotions.rejoin(ORDERS, EU, US, 1)
        assert not made.promotions.is_busy

    def test_one_that_is_being_rebuilt_is_not_ready(self, moved: World) -> None:
        moved.promotions.rejoin(ORDERS, US, EU, 2)
        with pytest.raises(ReplicaNotReadyError, match="creating"):
            moved.promotions.rejoin(ORDERS, US, EU, 2)
        with pytest.raises(ReplicaNotReadyError):
            promote(moved, US)

    def test_a_writer_that_does_not_answer_gives_no_copy(self, moved: World) -> None:
        copy(moved).reachable = False
        with pytest.raises(ReplicaNotReadyError, match="does not answer"):
            moved.promotions.rejoin(ORDERS, US, EU, 2)

    def test_a_writer_that_is_lost_meanwhile_gives_none_either(self, moved: World) -> None:
        moved.promotions.rejoin(ORDERS, US, EU, 2)
        copy(moved).reachable = False
        moved.kernel.run(500.0 + rebuilds(moved) + 1.0)
        assert copy(moved, US).follows is None
        assert not moved.promotions.is_busy

    def test_its_siblings_still_follow_the_old_source(self, moved: World) -> None:
        assert copy(moved, AP).follows is copy(moved, US)


class TestAurora:
    """A global database brings its other members along by itself."""

    def test_they_follow_the_new_writer(self) -> None:
        made = aurora()
        promote(made)
        made.kernel.run(takes(made) + 0.1)
        assert copy(made, US).follows is copy(made)
        assert copy(made, AP).follows is copy(made)

    def test_one_that_is_lost_does_so_when_it_answers_again(self) -> None:
        made = aurora()
        copy(made, US).reachable = False
        promote(made)
        made.kernel.run(takes(made) + 30.0)
        assert copy(made, US).follows is None
        assert copy(made, AP).follows is copy(made)
        copy(made, US).reachable = True
        made.kernel.run(takes(made) + 31.5)
        assert copy(made, US).follows is copy(made)

    def test_after_two_moves_all_follow_the_second_writer_and_it_follows_nobody(self) -> None:
        made = aurora()
        copy(made, US).reachable = False
        promote(made)
        made.kernel.run(takes(made) + 0.1)
        promote(made, AP)
        made.kernel.run(2 * takes(made) + 5.0)
        copy(made, US).reachable = True
        made.kernel.run(2 * takes(made) + 10.0)
        assert copy(made, AP).follows is None
        assert not copy(made, AP).in_recovery
        assert copy(made).follows is copy(made, AP)
        assert copy(made, US).follows is copy(made, AP)


def test_databases_and_regions_are_promoted_apart(made: World) -> None:
    promote(made)
    promote(made, AP)
    made.kernel.run(takes(made) + 0.1)
    assert not copy(made).in_recovery and not copy(made, AP).in_recovery
    assert copy(made).branch is not copy(made, AP).branch
