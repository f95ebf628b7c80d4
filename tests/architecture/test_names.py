"""One name, five places: state, folder, construct, substitution, environment class."""

import ast
import json
import re
from pathlib import Path

import pytest

from failover import environments, errors
from simulator.asl.language import all_states

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas"
STEPS = sorted(path.parent.name for path in LAMBDAS.glob("*/handler.py"))
MACHINES = sorted((ROOT / "state_machines").glob("*.asl.json"))
STACKS = "".join(path.read_text("utf-8") for path in (ROOT / "stacks").rglob("*.py"))


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_an_environment_class_and_a_construct_of_its_name(step: str) -> None:
    assert hasattr(environments, f"{pascal(step)}Environment")
    assert pascal(step) in STACKS or step in STACKS


@pytest.mark.parametrize("machine", MACHINES, ids=lambda path: path.stem)
def test_a_task_calls_the_function_of_its_own_name(machine: Path) -> None:
    for name, state in all_states(json.loads(machine.read_text("utf-8"))):
        if state["Type"] == "Task":
            step = name.partition("Of")[0]  # the same step in two places: a state's name is unique in its machine
            assert state["Parameters"]["FunctionName"] == f"${{{step}Arn}}"
            assert re.sub(r"(?<!^)(?=[A-Z])", "_", step).lower() in STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_handler_translates_calls_and_returns(step: str) -> None:
    """Some 25 lines, and nothing is caught: an error reaches the machine under its class name."""
    source = (LAMBDAS / step / "handler.py").read_text("utf-8")
    assert len(source.splitlines()) <= 30
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Try)]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda path: path.stem)
def test_a_machine_retries_and_catches_only_errors_that_exist(machine: Path) -> None:
    known = {name for name in vars(errors) if name.endswith("Error")}
    for name, state in all_states(json.loads(machine.read_text("utf-8"))):
        for rule in [*state.get("Retry", ()), *state.get("Catch", ())]:
            ours = {each for each in rule["ErrorEquals"] if "." not in each}
            assert ours <= known, f"{name}: {ours - known}"


LONGEST_LINES = 250


@pytest.mark.parametrize(
    "module",
    [
        path
        for top in (
            "edge_gateway",
            "lambdas",
            "manifests",
            "stacks",
            "rehearsal",
            "twin",
            "simulator",
            "site_hosts",
            "cli",
            "topology_document",
            "costs",
        )
        for path in (ROOT / top).rglob("*.py")
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_module_has_one_idea(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_LINES
