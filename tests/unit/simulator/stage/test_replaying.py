"""What a campaign prints of a violation is a scenario, and replays the same play."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from rehearsal.form import fitted, read_scenario, written
from rehearsal.player import play
from simulator.latencies import COMPRESSED, Latencies
from simulator.replaying import replayable
from simulator.schedule import Schedule
from simulator.schedules import draw
from simulator.stage import SimulatedStage
from tests.products import quickstart

LATENCIES = Latencies.read(COMPRESSED)


@pytest.mark.parametrize("seed", range(8))
def test_a_printed_schedule_is_played_again_to_its_end(seed: int, tmp_path: Path) -> None:
    schedule = Schedule(quickstart(), draw(quickstart(), seed), str(seed), LATENCIES)
    outcome = schedule.play()
    file = tmp_path / "seed.yaml"
    file.write_text(written(replayable(draw(quickstart(), seed), outcome.ends)), "utf-8")
    replayed = fitted(read_scenario(file), quickstart())
    stage = SimulatedStage(quickstart(), replayed, seed, LATENCIES)
    stage.begin()
    report = play(replayed, stage)
    until = outcome.virtual_seconds - 5.0  # clients stop when the schedule has come to a good end, and here later
    expected = list(takewhile(lambda each: each[0] < until, outcome.journal))
    table = stage._world.table
    assert table.journal[: len(expected)] == [entry for _, entry in expected]
    assert table.journal_times[: len(expected)] == pytest.approx([at for at, _ in expected], abs=1e-9)
    assert (outcome.violation is None) == (report.verdict == "held"), report.as_json()["expectations"]
