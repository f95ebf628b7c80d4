"""A drill played once in virtual time."""

from pathlib import Path
from typing import Final

from rehearsal.form import fitted, read_scenario
from rehearsal.player import play
from rehearsal.report import Report
from simulator.latencies import Latencies
from simulator.stage import SimulatedStage
from topology_document import load_whole

ROOT: Final = Path(__file__).parents[2]
DRILLS: Final = sorted((ROOT / "drills").glob("*.yaml"))
PRODUCTS: Final = ("fleet", "haven", "metro", "reviews", "triage")
OF_PRODUCTS: Final = [drill for drill in DRILLS if drill.stem.startswith(tuple(f"{each}-" for each in PRODUCTS))]
"""Those of the five products, and not of an example."""


def played(drill: Path, seed: int, latencies: Latencies) -> Report:
    """Return the report of one play."""
    scenario = read_scenario(drill)
    topology, infrastructure = load_whole(ROOT / "topologies" / f"{scenario.topology}.yaml")
    stage = SimulatedStage(topology, fitted(scenario, topology), seed, latencies, notices=infrastructure.notices)
    try:
        stage.begin()
        return play(scenario, stage)
    finally:
        stage.close()


def not_held(report: Report) -> list[str]:
    """Return the expectations that did not hold, each with what was seen instead."""
    return [f"{each.text}: {each.observed}" for each in report.expectations if not each.held]
