"""A dry run tells the machine's own steps, in its order, and writes nothing."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from failover.procedures.planning import EXPECTED_PROMOTION_SECONDS, PLANS
from failover.procedures.requests import Machine
from failover.topology import Engine
from simulator.latencies import Latencies
from tests.products import EU, US
from tests.worlds import MACHINES, World

UNTOLD = {"AwaitApproval", "TellTrouble"}
"""Steps that are done only where something is asked for or goes wrong."""


def tasks(machine: Mapping[str, Any], start: str) -> Iterator[str]:
    """The functions of a machine in the order of a run in which nothing goes wrong."""
    name: str | None = start
    while name is not None:
        state = machine["States"][name]
        if state["Type"] == "Task":
            yield state["Parameters"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from tasks(inner, inner["StartAt"])
        if state["Type"] == "Choice":
            asked = state["Choices"][0]
            name = asked["Next"] if asked.get("StringEquals") in ("ASKED", "REQUIRED", "BEFORE") else state["Default"]
            if name in ("Compensated", "NotDone", "NotFenced"):
                name = asked["Next"]
        else:
            name = state.get("Next")


@pytest.mark.parametrize("machine", Machine)
def test_the_plan_has_the_machines_steps_in_its_order(machine: Machine) -> None:
    definition = json.loads((MACHINES / f"{machine}.asl.json").read_text("utf-8"))
    wanted = [name for name in tasks(definition, definition["StartAt"]) if name not in UNTOLD]
    assert [step.state for step in PLANS[machine]] == wanted


@pytest.mark.parametrize("machine", [Machine.FAILOVER, Machine.DATABASE_FAILOVER, Machine.SWITCHOVER])
def test_a_dry_run_reads_everything_and_writes_nothing(machine: Machine) -> None:
    world = World()
    world.run(12)
    before = (world.store.control(), world.store.database("orders"), world.store.journal(), world.pager.pages)
    document = {"subject": US, "target": EU, "reason": "what if", "dry_run": True}
    assert world.execute(machine, document, "dry", EU) == "SUCCEEDED"
    plan = world.outputs["dry"]["plan"]
    assert (world.store.control(), world.store.database("orders"), world.store.journal(), world.pager.pages) == before
    assert plan["irreversible_from"] == "ChooseTarget"
    assert plan["databases"]["orders"]["target"] == EU
    assert plan["databases"]["orders"]["loss_bound_seconds"] is not None
    assert plan["expected_seconds"] == pytest.approx(sum(step["expected_seconds"] for step in plan["steps"]), abs=0.1)


def test_an_unreachable_source_costs_the_plan_a_lease() -> None:
    world = World()
    world.run(12)
    world.kill(US)
    world.execute(Machine.FAILOVER, {"subject": US, "reason": "what if", "dry_run": True}, "dry", EU)
    (wait,) = [step for step in world.outputs["dry"]["plan"]["steps"] if step["step"] == "AwaitLease"]
    assert wait["expected_seconds"] == 22.0


def test_a_promotion_is_expected_to_take_what_the_model_reckons_with() -> None:
    latencies = Latencies.read()
    modelled = {
        Engine.RDS_POSTGRES: latencies.of("promotion.rds-postgres").p50,
        Engine.AURORA_POSTGRES: latencies.of("promotion.aurora-postgres").p50,
        Engine.SELF_MANAGED_POSTGRES: latencies.of("promotion.postgres").p50,
    }
    assert {engine: math.ceil(seconds) for engine, seconds in modelled.items()} == EXPECTED_PROMOTION_SECONDS
