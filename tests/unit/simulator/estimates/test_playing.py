"""Real plays on the simulator's stage: the same for ever, however many at once."""

from pathlib import Path

import pytest

from failover.topology import Topology
from simulator.estimates import Estimate
from simulator.estimates.playing import Disaster, Plays
from simulator.latencies import COMPRESSED, Latencies
from topology_document import load

SEEDS = range(1, 4)


@pytest.fixture(scope="module")
def topology() -> Topology:
    return load(Path(__file__).parents[4] / "topologies" / "quickstart.yaml")


def test_plays_in_other_processes_come_to_the_same(topology: Topology) -> None:
    disaster = Disaster(Latencies.read(COMPRESSED))
    with Plays(disaster) as one, Plays(disaster, jobs=2) as two:
        alone, together = list(one(topology, SEEDS)), list(two(topology, SEEDS))
    assert alone == together
    found = Estimate.of(topology, alone)
    assert found.unended == {}
    assert 30 < found.recovery.p50 < 90
    assert found.parts["detect"].most < found.recovery.p50
    assert len({run.recovery_seconds for run in alone}) == len(SEEDS), "each seed is another play"


def test_a_slower_promotion_makes_a_longer_recovery(topology: Topology) -> None:
    quick, slow = (Disaster(each).run(topology, 1) for each in (Latencies.read(COMPRESSED), Latencies.read()))
    assert slow.recovery_seconds > quick.recovery_seconds + 30
    assert slow.parts["promote"] > quick.parts["promote"] + 30
