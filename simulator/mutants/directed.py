"""Scenarios with expectations, played in virtual time: the plays in which a bug was expected to show."""

from functools import cache
from pathlib import Path
from typing import Final

from failover.topology import Topology
from rehearsal.form import read_scenario
from rehearsal.player import play
from rehearsal.stage import StageError
from simulator.latencies import COMPRESSED, Latencies
from simulator.stage import SimulatedStage
from topology_document import load

SEEDS: Final = (1, 2, 3)
"""One play is one interleaving; a bug that needs luck has some."""


def broken_in(file: Path) -> tuple[str, str] | None:
    """Return what did not hold in a scenario, and what was seen in its place; ``None`` if all did, under each seed."""
    return next((found for seed in SEEDS if (found := _broken(file, seed)) is not None), None)


def _broken(file: Path, seed: int) -> tuple[str, str] | None:
    scenario = read_scenario(file)
    stage = SimulatedStage(_topology(scenario.topology), scenario, seed, _latencies())
    try:
        stage.begin()
        report = play(scenario, stage)
    except StageError as exc:
        return "expectation", str(exc)
    except Exception as exc:  # noqa: BLE001 - a play that breaks off is broken
        return "error", f"{type(exc).__name__}: {exc}"
    broken = next((each for each in report.expectations if not each.held), None)
    if broken is None:
        return None
    violated = [number for number, verdict in report.invariants.items() if not verdict.holds]
    return ", ".join(violated) or "expectation", f"{broken.text}: {broken.observed} (seed {seed})"


@cache
def _topology(name: str) -> Topology:
    return load(Path(name) if "/" in name else Path("topologies") / f"{name}.yaml")


@cache
def _latencies() -> Latencies:
    return Latencies.read(COMPRESSED)
