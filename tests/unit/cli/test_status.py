"""What an operator sees in the night: who sees what, what an incident waits for, and what was said for how long."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli.status
from cli.main import app
from failover.procedures import operating
from failover.procedures.deploy_guard import begin_deploying, override
from failover.procedures.opening import open_incident
from failover.records import IncidentState, Phase
from tests.products import AP, EU, US
from tests.worlds import World

QUICKSTART = str(Path(__file__).parents[3] / "topologies" / "quickstart.yaml")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(cli.status, "world", lambda _: world.ports(EU))
    return world


def told(*more: str) -> str:
    result = CliRunner().invoke(app, ["status", "--topology", QUICKSTART, *more], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.stdout


def opened(world: World, **changes: Any) -> str:
    """An incident that is open, and how it stands."""
    incident = open_incident(world.ports(EU), world.topology, US, "R330", "down for the whole dwell time")
    control = world.store.control()
    world.store.change_control(control, replace(control, incident=replace(incident, **changes)))
    return incident.id


def row(text: str, region: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"│ {region} "))
    return [cell.strip() for cell in line.strip("│").split("│")][1:]


def test_each_observers_vote_is_told_with_its_age(world: World) -> None:
    world.run(20)
    world.clock.sleep(2)
    assert "seen from eu-west-1" in told()
    cells = row(told(), US)
    assert cells[0] == "-"
    assert [cell.rpartition(",")[0] for cell in cells[1:]] == ["HEALTHY", "HEALTHY"]
    assert all(cell.endswith(" s ago") for cell in cells[1:])


def test_an_unhealthy_one_is_told_with_its_reason_and_an_old_one_counts_no_more(world: World) -> None:
    world.run(20)
    world.dark.add(US)
    world.run(15)
    text = told()
    assert row(text, US)[1].startswith("UNHEALTHY, ")
    assert f"{US} is UNHEALTHY for " in text
    assert f", as {EU} sees it: " in text
    world.clock.sleep(600)
    assert row(told(), US)[1].endswith("10 min ago: too old to count")
    assert "as eu-west-1 sees it" not in told()


def test_an_open_incident_is_told_with_its_beginning_and_its_state(world: World) -> None:
    incident = opened(world, skipped=("AskVeto",), aborted="ann: enough")
    world.clock.sleep(300)
    text = told()
    assert f"incident {incident}: failover of {US}, OPEN, opened 5 min ago at " in text
    assert "it is aborted, by ann: enough" in text
    assert "it leaves out AskVeto" in text
    assert "WAITS" not in text


def test_an_approval_that_is_missing_is_told_with_the_command_and_its_end(world: World) -> None:
    asked = world.clock.now()
    opened(world, approval="REQUIRED", state=IncidentState.WAITING, waiting_since=asked)
    until = asked + timedelta(seconds=world.topology.policy.approval_seconds)
    line = f'it WAITS for an approval: lifeboat approve --reason "…"; until {until:%Y-%m-%d %H:%M:%S} UTC'
    assert line in told()


def test_a_consent_that_is_missing_is_told_with_the_database(world: World) -> None:
    asked = world.clock.now()
    opened(world, state=IncidentState.WAITING, waiting_since=asked)
    until = asked + timedelta(seconds=world.topology.policy.consent_seconds)
    assert f'lifeboat consent orders --reason "…"; until {until:%Y-%m-%d %H:%M:%S} UTC' in told()


@pytest.mark.parametrize("passed", [False, True])
def test_one_that_holds_is_started_again_or_undone_while_it_can_be(world: World, passed: bool) -> None:
    incident = opened(world, state=IncidentState.HOLDING)
    if passed:
        record = world.store.database("orders")
        world.store.change_database(record, replace(record, phase=Phase.PROMOTING, incident=incident, target=AP))
    line = next(line for line in told().splitlines() if "WAITS" in line)
    assert f'lifeboat failover {US} --reason "…"' in line
    assert ("lifeboat rollback" in line) is not passed


def test_a_pause_stops_what_has_not_passed_its_point_of_no_return(world: World) -> None:
    incident = opened(world)
    operating.pause(world.ports(EU), "ann", "looking", timedelta(minutes=10))
    assert "it WAITS for the end of the pause: lifeboat resume; until " in told()
    record = world.store.database("orders")
    world.store.change_database(record, replace(record, phase=Phase.PROMOTING, incident=incident, target=AP))
    assert "WAITS" not in told()


def test_what_people_have_said_is_told_until_it_ends(world: World) -> None:
    ports, hour = world.ports(EU), timedelta(hours=1)
    operating.acknowledge(ports, world.topology, US, "ann", "power is out", lasts=hour)
    operating.consent(ports, world.topology, "orders", "bob", "it is lost")
    override(ports, world.topology, "lifeboat-quickstart-global-us-east-1", "ann", "a new zone", lasts=hour)
    begin_deploying(ports, AP, "bob", "three stacks")
    text = told()
    for said in (
        f"ann handles by hand {US}: power is out",
        "bob consents to losing data of orders: it is lost",
        "ann lets deployments change lifeboat-quickstart-global-us-east-1: a new zone",
        f"bob deploys in {AP}: three stacks",
    ):
        assert f"UTC {said}" in text
    world.clock.sleep(2 * 24 * 3600)
    assert "UTC" not in told()


def test_programs_are_told_the_same(world: World) -> None:
    world.run(20)
    opened(world, approval="REQUIRED")
    stands = json.loads(told("--json"))
    assert {each["observer"] for each in stands["votes"]} >= {EU, AP}
    assert stands["waits_for"]["command"].startswith("lifeboat approve")
    assert (stands["words"], stands["unprotected"], stands["databases"][0]["name"]) == ([], [], "orders")
