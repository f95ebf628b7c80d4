"""Every state machine: bounded, retried by name, caught, and told why."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from simulator.asl.language import all_states, refuse_unknown

ROOT = Path(__file__).parents[2]
MACHINES = sorted((ROOT / "state_machines").glob("*.asl.json"))


@pytest.fixture(params=MACHINES, ids=lambda path: path.stem)
def machine(request: pytest.FixtureRequest) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(request.param.read_text("utf-8"))
    return definition


def test_the_validator_of_the_language_accepts_it() -> None:
    for path in MACHINES:
        command = ["node", "node_modules/.bin/asl-validator", "--json-path", str(path)]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == 0, told.stdout + told.stderr


def test_the_interpreter_understands_it(machine: dict[str, Any]) -> None:
    refuse_unknown(machine)


def test_every_state_tells_why(machine: dict[str, Any]) -> None:
    assert machine["Comment"]
    assert [name for name, state in all_states(machine) if not state.get("Comment")] == []


def test_every_task_ends_in_time_and_is_retried_by_name(machine: dict[str, Any]) -> None:
    for name, state in all_states(machine):
        if state["Type"] == "Task":
            assert "TimeoutSeconds" in state or state["TimeoutSecondsPath"].endswith("_seconds"), name
            assert "StoreUnreachableError" in [each for rule in state["Retry"] for each in rule["ErrorEquals"]], name


def test_seconds_are_read_from_seconds_only(machine: dict[str, Any]) -> None:
    for name, state in all_states(machine):
        for key, path in state.items():
            if key.endswith("SecondsPath"):
                assert path.endswith("_seconds"), f"{name}: {key} at {path}"


def test_every_failure_is_caught_somewhere(machine: dict[str, Any]) -> None:
    """A task inside a Map is caught by the Map."""
    for name, state in machine["States"].items():
        if state["Type"] in ("Task", "Map"):
            assert any("States.ALL" in rule["ErrorEquals"] for rule in state["Catch"]), name


def test_what_is_caught_never_leads_to_success_alone(machine: dict[str, Any]) -> None:
    """From a catcher on, SUCCEEDED can only be reached through a Choice that asks for the outcome."""
    states = machine["States"]
    for name, state in states.items():
        for rule in state.get("Catch", ()):
            following = rule["Next"]
            seen = set()
            while following and following not in seen and states[following]["Type"] != "Choice":
                seen.add(following)
                assert states[following]["Type"] != "Succeed", f"{name} is caught into {following}"
                following = states[following].get("Next")


def test_the_machine_itself_ends(machine: dict[str, Any]) -> None:
    assert machine["TimeoutSeconds"] <= 4 * 3600
