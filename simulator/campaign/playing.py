"""One seed of a campaign: drawn, played, and told in a few numbers that fit between processes."""

import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from failover.topology import Topology
from rehearsal.form import FaultKind, OperationKind, Scenario
from simulator.latencies import COMPRESSED, Latencies
from simulator.measures import Recovery, recoveries
from simulator.schedule import Outcome, Schedule, Violation
from simulator.schedules import draw


@dataclass(frozen=True, slots=True)
class Order:
    """What each schedule of a campaign is made of, besides its seed."""

    topology: Topology
    kinds: frozenset[FaultKind | OperationKind] | None = None
    latencies: Path = COMPRESSED


@dataclass(slots=True)
class Played:
    """What came of one seed; counters as in ``simulator.schedule.Outcome``."""

    seed: int
    violation: Violation | None = None
    virtual_seconds: float = 0.0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    covered: Counter[tuple[str, str]] = field(default_factory=Counter)
    endings: Counter[tuple[str, str]] = field(default_factory=Counter)
    recoveries: tuple[Recovery, ...] = ()


def play_seed(order: Order, seed: int) -> Played:
    """Play the schedule of a seed."""
    return _told(seed, play(order, draw(order.topology, seed, order.kinds), str(seed)))


def play(order: Order, scenario: Scenario, seed: str) -> tuple[Outcome, tuple[Recovery, ...]]:
    """Play a scenario under a seed; whatever is raised in it is a violation as well, of the kind ``error``."""
    schedule = Schedule(order.topology, scenario, seed, _latencies(order.latencies))
    try:
        outcome = schedule.play()
    except Exception as exc:  # noqa: BLE001 - a campaign tells of it, and goes on with the next seed
        outcome = schedule.outcome
        last = traceback.extract_tb(exc.__traceback__)[-1]
        why = f"{type(exc).__name__}: {exc} ({Path(last.filename).name}, line {last.lineno})"
        outcome.violation = Violation("error", why, schedule.world.kernel.now)
    return outcome, recoveries(schedule.world)


@cache
def _latencies(file: Path) -> Latencies:
    return Latencies.read(file)


def _told(seed: int, played: tuple[Outcome, tuple[Recovery, ...]]) -> Played:
    outcome, recovered = played
    return Played(
        seed,
        outcome.violation,
        outcome.virtual_seconds,
        outcome.events,
        outcome.faults,
        outcome.covered,
        outcome.endings,
        recovered,
    )
