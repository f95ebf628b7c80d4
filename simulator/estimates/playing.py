"""Plays on the simulator's stage, several at once where there are cores for it."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from failover.topology import Topology
from rehearsal.form import Scenario
from rehearsal.player import play
from simulator.estimates.losing import losing_the_primary
from simulator.estimates.runs import Run
from simulator.latencies import Latencies
from simulator.stage import SimulatedStage
from simulator.workers import work_for

POLL_SECONDS: Final = 0.5
"""How often the player looks: all that is measured comes from the history, but for where names point."""


@dataclass(frozen=True, slots=True)
class Disaster:
    """What is played, and in which world: a scenario, or the loss of each topology's primary region."""

    latencies: Latencies
    scenario: Scenario | None = None

    def run(self, topology: Topology, seed: int) -> Run:
        """Play it once; the topology's own times hold where the scenario says none."""
        scenario = self.scenario if self.scenario is not None else losing_the_primary(topology, seed)
        stage = SimulatedStage(topology, scenario, seed, self.latencies)
        try:
            stage.begin()
            return Run.of(seed, play(scenario, stage, poll_seconds=POLL_SECONDS))
        finally:
            stage.close()


class Plays:
    """Plays a disaster with many seeds, in so many processes; who makes one enters and leaves it."""

    def __init__(self, disaster: Disaster, jobs: int = 1) -> None:
        self._disaster = disaster
        begin = (disaster, os.getpid())
        self._pool = ProcessPoolExecutor(jobs, initializer=_begin, initargs=begin) if jobs > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, topology: Topology, seeds: Sequence[int]) -> Iterator[Run]:
        """Play once with each seed; the runs come in the order of the seeds, whoever played them."""
        if self._pool is None:
            return (self._disaster.run(topology, seed) for seed in seeds)
        return self._pool.map(_run, [(topology, seed) for seed in seeds])


_disasters: list[Disaster] = []
"""In a process of a pool: the one that it plays."""


def _begin(disaster: Disaster, parent: int) -> None:
    work_for(parent)
    _disasters.append(disaster)


def _run(asked: tuple[Topology, int]) -> Run:
    return _disasters[0].run(*asked)
