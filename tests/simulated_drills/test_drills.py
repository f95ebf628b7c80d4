"""Every drill once more in virtual time: the same steps and machines, in another interleaving than on the twin."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from rehearsal.form import fitted, read_scenario
from rehearsal.player import play
from simulator.latencies import COMPRESSED, Latencies
from simulator.stage import SimulatedStage
from topology_document import load_whole

ROOT: Final = Path(__file__).parents[2]
DRILLS: Final = sorted((ROOT / "drills").glob("*.yaml"))
SEED: Final = 1
LATENCIES: Final = Latencies.read(COMPRESSED)

OTHERWISE: Final = {
    "partition-outbound": "the twin cuts connections, and here packets are cut: us-east-1 cannot answer either",
}
"""Drills that do not hold here, and why. One that does after all must be taken out."""


def _parameter(drill: Path) -> object:
    why = OTHERWISE.get(drill.stem)
    marks = [pytest.mark.xfail(reason=why, strict=True)] if why is not None else []
    return pytest.param(drill, id=drill.stem, marks=marks)


@pytest.mark.parametrize("drill", [_parameter(each) for each in DRILLS])
def test_a_drill_holds_in_virtual_time(drill: Path) -> None:
    scenario = read_scenario(drill)
    topology, infrastructure = load_whole(ROOT / "topologies" / f"{scenario.topology}.yaml")
    stage = SimulatedStage(topology, fitted(scenario, topology), SEED, LATENCIES, notices=infrastructure.notices)
    try:
        stage.begin()
        report = play(scenario, stage)
    finally:
        stage.close()
    assert not [f"{each.text}: {each.observed}" for each in report.expectations if not each.held]
