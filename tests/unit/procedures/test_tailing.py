"""Which replicas a writer's tail waits for, and that keeping it never stands in a lease's way."""

from dataclasses import dataclass, field, replace

from failover.adapters.memory import MemoryCopy
from failover.procedures.tailing import followers, keep_tails
from failover.records import Divergence
from tests.products import AP, EU, US
from tests.worlds import World


@dataclass
class Kept(MemoryCopy):
    """A copy that remembers for how many replicas its tail was kept."""

    asked: list[int] = field(default_factory=list)
    fails: bool = False

    def keep_tail(self, followers: int) -> None:
        self.asked.append(followers)
        if self.fails:
            raise RuntimeError("it does not work today")


def test_every_copy_is_waited_for_but_those_that_have_diverged() -> None:
    world = World()
    record = world.store.database("orders")
    assert followers(world.topology, record) == 2
    apart = replace(record, diverged={EU: Divergence(1, 7), AP: Divergence(1, 7)})
    assert followers(world.topology, apart) == 0


def test_one_that_is_being_rebuilt_is_waited_for_again() -> None:
    """Its base backup is older than what the slot would forget, and it may be promoted as soon as it follows."""
    world = World()
    rejoining = {EU: Divergence(1, 7, archive="kept", rejoining=True), AP: Divergence(1, 7)}
    assert followers(world.topology, replace(world.store.database("orders"), diverged=rejoining)) == 1


def test_only_the_writers_region_keeps_a_tail_and_a_failure_is_nobodys_trouble() -> None:
    world = World()
    here, elsewhere = Kept(world.clock, fails=True), Kept(world.clock)
    records = {"orders": world.store.database("orders")}
    keep_tails({"orders": here, "never-initialised": here}, records, world.topology, US)
    keep_tails({"orders": elsewhere}, records, world.topology, EU)
    assert (here.asked, elsewhere.asked) == ([2], [])
