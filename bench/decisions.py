"""How fast the pure core decides: no store, no network, one core."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bench.numbers import Ground, Number, Table, Told
from bench.surroundings import quickstart
from failover.decision import Candidate, Snapshot, decide
from failover.records import Control, DatabaseRecord, Health, LeaseRecord, LeaseState, Vote
from failover.topology import Topology

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
BLOCK: Final = 2000
BLOCKS, QUICK_BLOCKS = 25, 5


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Decide about a region that is up, and about one that is to be failed over."""
    topology, numbers, blocks = quickstart(), list[Number](), QUICK_BLOCKS if quick else BLOCKS
    for situation, down_seconds in (("a region that is up", None), ("a region to fail over", 60.0)):
        told(f"{blocks} blocks of {BLOCK} decisions about {situation}")
        about = snapshot(topology, down_seconds)
        rule = decide(about, NOON).rule
        seconds = [_block(about) for _ in range(blocks)]
        numbers += [
            Number(f"one decision, {situation} ({rule})", [each / BLOCK * 1e6 for each in seconds], "µs"),
            Number(
                f"decisions of one core, {situation}", [BLOCK / each for each in seconds], "/s", more_is_better=True
            ),
        ]
    return Table("decide", "decisions of the pure core", Ground.MEMORY, numbers, (f"A run is {BLOCK} decisions.",))


def snapshot(topology: Topology, down_seconds: float | None) -> Snapshot:
    """Return what is read of the primary region: every other votes it healthy, or down for so long."""
    subject = topology.primary.name
    observers = [each for each in topology.control_regions if each != subject]
    return Snapshot(
        topology=topology,
        subject=subject,
        here=observers[0],
        control=Control(version=1),
        databases=tuple(
            DatabaseRecord(each.name, 1, each.born_primary, 1, LeaseRecord(LeaseState.GRANTED, 1))
            for each in topology.databases
        ),
        votes=tuple(_votes(observers, subject, down_seconds)),
        candidates={
            each.name: tuple(Candidate(region, 0.0) for region in each.replicas) for each in topology.databases
        },
    )


def _votes(observers: list[str], subject: str, down_seconds: float | None) -> Iterator[Vote]:
    health = Health.HEALTHY if down_seconds is None else Health.UNHEALTHY
    for observer in observers:
        yield Vote(subject, observer, health, "measuring", 1, 1, NOON, down_seconds or 0.0, ("a neutral place",))


def _block(about: Snapshot) -> float:
    began = time.perf_counter()
    for _ in range(BLOCK):
        decide(about, NOON)
    return time.perf_counter() - began
