"""A scenario that is written down reads as the same scenario."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.form import Scenario, parse_scenario, read_scenario, written
from rehearsal.form.durations import seconds_of
from rehearsal.form.durations import written as duration
from tests.unit.rehearsal.test_form import FAULT_LINES, HELD, OPERATION_LINES

DRILLS = sorted((Path(__file__).parents[3] / "drills").glob("*.yaml"))


def again(scenario: Scenario, folder: Path) -> Scenario:
    file = folder / f"{scenario.name}.yaml"
    file.write_text(written(scenario), encoding="utf-8")
    return read_scenario(file)


LOAD = {"writes_per_second": 2.5, "groups": {"a": 3.0}, "grows": {"times": 2.0, "within": "90s"}}


@pytest.mark.parametrize("path", DRILLS, ids=lambda path: path.stem)
def test_a_drill_is_the_same_when_it_was_written_and_read(path: Path, tmp_path: Path) -> None:
    drill = read_scenario(path)
    assert again(drill, tmp_path) == drill


@pytest.mark.parametrize("action", [("fault", FAULT_LINES), ("operator", OPERATION_LINES)], ids=lambda each: each[0])
def test_every_fault_and_operation_is_the_same(action: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    word, lines = action
    steps = [{"at": "1.5s", word: {kind: line}} for kind, line in lines.items()]
    heals = [{"at": "5s", "heal": {kind: line}} for kind, line in lines.items()] if word == "fault" else []
    upon = {"at": "0s", "upon": {"left": "FenceSource", "nth": 2, "by": "90s"}, "fault": {"guard_dead": "a"}}
    document = {"proves": "it: # all", "steps": [*steps, *heals, upon, HELD], "load": LOAD}
    scenario = parse_scenario(document)
    assert again(scenario, tmp_path) == scenario


def test_it_reads_as_people_write() -> None:
    scenario = parse_scenario(
        {
            "proves": "it",
            "timings": {"dwell": "90s"},
            "steps": [
                {"at": "5s", "fault": {"region_down": "us-east-1"}, "mark": "lost"},
                {"at": "120s", "after": "lost", "heal": "all"},
                HELD,
            ],
        }
    )
    assert written(scenario, note="lifeboat simulate") == (
        "# lifeboat simulate\nproves: it\ntopology: quickstart\ntimings: {dwell: 90s}\n\nsteps:\n"
        "  - {at: 5s, fault: {region_down: us-east-1}, mark: lost}\n"
        "  - {at: 2m, after: lost, heal: all}\n"
        "  - {at: 9s, expect: {served: true}}\n"
    )


@given(st.floats(min_value=0, max_value=1e9))
def test_a_duration_is_exactly_what_it_was(seconds: float) -> None:
    assert seconds_of(duration(seconds)) == seconds
