"""Control regions that decide in the same instant, on each store."""

import threading
from concurrent.futures import ThreadPoolExecutor

from failover.ports import QuorumStore
from failover.procedures.deciding import decide_failover
from failover.procedures.initialising import initialise
from failover.records import Health, Vote
from tests.products import AP, EU, US
from tests.worlds import World


def test_of_all_that_decide_in_the_same_instant_one_opens_one_incident(store: QuorumStore) -> None:
    world = World()
    world.store = store  # type: ignore[assignment]
    for copy in world.copies.values():
        copy.gate_epoch, copy.gate_holder = 0, ""
    initialise(world.ports(EU), world.topology)
    world.run(6)  # a renewal, or the loss would be unknown
    for observer in (EU, AP):
        store.cast(Vote(US, observer, Health.UNHEALTHY, "down", 9, 9, world.clock.now(), 30.0, ("a", "b")))
    instant = threading.Barrier(4, timeout=10)

    def decide(here: str) -> list[str]:
        ports = world.ports(here)
        instant.wait()
        return [each.rule for each in decide_failover(ports, world.topology) if each.subject == US]

    with ThreadPoolExecutor(4) as threads:
        rules = [rule for found in threads.map(decide, [EU, AP, EU, AP]) for rule in found]
    assert set(rules) <= {"R330", "R105", "R110"}
    incident = store.control().incident
    assert incident is not None
    assert (incident.subject, store.control().term) == (US, 1)
    assert list(world.machines.started) == [f"failover-{incident.id}-1"]
    opened = [entry for entry in store.journal() if entry.kind == "INCIDENT_OPENED"]
    assert [entry.incident for entry in opened] == [incident.id]
