"""A deployment from beginning to end, on change sets that only remember what was done to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cli.deployment import deploying
from cli.deployment.assembly import Stack
from cli.deployment.change_sets import DeploymentFailedError
from cli.deployment.deploying import Deployer
from failover.errors import DeploymentRefusedError
from failover.procedures.deploy_guard import Action, Change, differences, override
from failover.records import WordKind
from stacks.cdk_command import CdkError
from tests.products import AP, EU, US
from tests.unit.deploy_guard.deployments import incident, replica, template
from tests.worlds import World


@dataclass
class Remembered:
    """In the place of ``ChangeSet``; what happens to it is noted for all of them."""

    stack: Stack
    name: str
    done: ClassVar[list[str]] = []
    new: ClassVar[set[str]] = set()
    planned: ClassVar[dict[str, tuple[Change, ...]]] = {}
    on_execute: ClassVar[Any] = None

    @classmethod
    def of(cls, stack: Stack, name: str) -> Remembered:
        return cls(stack, name)

    is_made = True

    @property
    def is_new(self) -> bool:
        return self.stack.name in self.new

    def additions(self) -> tuple[Change, ...]:
        return (Change(self.stack.name, "New", "AWS::SNS::Topic", Action.ADD),)

    def changes(self) -> tuple[Change, ...]:
        default = (Change(self.stack.name, "Topic", "AWS::SNS::Topic", Action.MODIFY),)
        return self.planned.get(self.stack.name, default)

    def execute(self) -> None:
        self.done.append(f"execute {self.stack.name}")
        if Remembered.on_execute is not None:
            Remembered.on_execute(self.stack)

    def discard(self) -> None:
        self.done.append(f"discard {self.stack.name}")


def stack(layer: str, region: str, *after: str, resources: Any = None) -> Stack:
    name = f"lifeboat-quickstart-{layer}-{region}"
    return Stack(name, layer, region, None, frozenset(after), resources or template())


STACKS = {
    each.name: each
    for each in (
        stack("regional", US),
        stack("regional", EU, f"lifeboat-quickstart-regional-{US}"),
        stack("regional", AP, f"lifeboat-quickstart-regional-{US}"),
        stack("quorum", "eu-central-1"),
    )
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(deploying, "ChangeSet", Remembered)
    monkeypatch.setattr(deploying, "run_cdk", lambda *_, **__: None)
    Remembered.done, Remembered.new, Remembered.planned, Remembered.on_execute = [], set(), {}, None
    return World()


def deployer(world: World, *, first: bool = False, stacks: dict[str, Stack] = STACKS) -> Deployer:
    return Deployer(world.ports(EU), world.topology, Path("cdk.out"), stacks, "prepared", first=first)


def run(made: Deployer) -> list[str]:
    wanted = list(made.stacks.values())
    made.permit(wanted)
    sets, plan = made.prepare(wanted, check=False)
    made.permit(wanted, plan)
    return made.execute(wanted, sets, plan)


def executed() -> list[str]:
    return [each.removeprefix("execute lifeboat-quickstart-") for each in Remembered.done if each.startswith("execute")]


def test_the_region_that_writes_comes_last_and_each_is_said_while_it_is_changed(world: World) -> None:
    said: list[tuple[str, bool]] = []

    def look(changed: Stack) -> None:
        word = world.store.word(WordKind.DEPLOYING, changed.region)
        said.append((changed.region, word is not None and word.counts(world.clock.now())))

    Remembered.on_execute = look
    run(deployer(world))
    assert executed() == ["quorum-eu-central-1", f"regional-{AP}", f"regional-{EU}", f"regional-{US}"]
    assert all(counts for _, counts in said)
    assert not [word for word in world.store.words() if word.kind is WordKind.DEPLOYING]


def test_what_is_new_is_made_after_what_it_needs(world: World) -> None:
    data, copies = (stack(layer, US) for layer in ("data", "copies"))
    added = {data.name: data, copies.name: replace(copies, after=frozenset({data.name}))}
    Remembered.new = set(added)
    run(deployer(world, stacks=STACKS | added))
    assert executed()[-2:] == [f"data-{US}", f"copies-{US}"]


def test_what_has_no_changes_is_left_alone(world: World) -> None:
    Remembered.planned = {name: () for name in STACKS if EU not in name}
    assert run(deployer(world)) == [f"lifeboat-quickstart-regional-{EU}"]


def test_nothing_is_prepared_in_an_incident(world: World) -> None:
    control = world.store.control()
    world.store.change_control(control, replace(control, incident=incident()))
    with pytest.raises(DeploymentRefusedError, match="incident i-1"):
        run(deployer(world))
    assert Remembered.done == []


def test_an_incident_that_opens_meanwhile_stops_what_is_left(world: World) -> None:
    def opened(_stack: Stack) -> None:
        control = world.store.control()
        world.store.change_control(control, replace(control, incident=incident()))

    Remembered.on_execute = opened
    with pytest.raises(DeploymentRefusedError, match="incident i-1"):
        run(deployer(world))
    assert len(executed()) == 1


def test_a_failure_takes_its_word_back_and_goes_no_further(world: World) -> None:
    def fails(_stack: Stack) -> None:
        raise DeploymentFailedError("UPDATE_ROLLBACK_COMPLETE")

    Remembered.on_execute = fails
    with pytest.raises(DeploymentFailedError):
        run(deployer(world))
    assert len(executed()) == 1
    assert not [word for word in world.store.words() if word.kind is WordKind.DEPLOYING]
    assert world.store.journal()[-1].text.endswith("failed")


def test_what_would_take_a_database_is_refused_with_all_of_it_undone(world: World) -> None:
    name = f"lifeboat-quickstart-regional-{EU}"
    Remembered.planned = {name: differences(name, template(Orders=replica()), template())}
    with pytest.raises(DeploymentRefusedError, match=f"{name}/Orders: the database"):
        run(deployer(world))
    assert executed() == []
    override(world.ports(EU), world.topology, f"{name}/Orders", "ada", "agreed", lasts=timedelta(minutes=5))
    run(deployer(world))
    assert f"regional-{EU}" in executed()


def test_a_new_database_is_made_before_what_follows_it(world: World) -> None:
    source = replica(SourceDBInstanceIdentifier=None)
    stacks = {**STACKS, **{each.name: each for each in [stack("regional", US, resources=template(Orders=source))]}}
    name = f"lifeboat-quickstart-regional-{US}"
    Remembered.planned = {name: (Change(name, "Orders", "AWS::RDS::DBInstance", Action.ADD),)}
    run(deployer(world, stacks=stacks))
    assert executed().index(f"regional-{US}") < executed().index(f"regional-{EU}")


def test_a_check_makes_no_change_set_of_a_stack_that_is_not_there(world: World) -> None:
    name = f"lifeboat-quickstart-regional-{AP}"
    Remembered.new = {name}
    sets, plan = deployer(world).prepare(list(STACKS.values()), check=True)
    assert name not in sets
    assert [change.action for change in plan[name]] == [Action.ADD]


def test_the_first_deployment_needs_no_store_and_every_other_one_does(world: World) -> None:
    world.store.reachable = False
    with pytest.raises(DeploymentRefusedError, match="nobody can say"):
        run(deployer(world))
    with pytest.raises(DeploymentRefusedError, match="nobody can say"):
        run(deployer(world, first=True))
    Remembered.new = set(STACKS)
    run(deployer(world, first=True))
    assert executed()[-1] != f"regional-{US}"
    assert executed().index(f"regional-{US}") < executed().index(f"regional-{EU}")


def test_what_the_command_says_is_told_and_everything_is_thrown_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise CdkError("cdk deploy ended with 1")

    monkeypatch.setattr(deploying, "run_cdk", fails)
    with pytest.raises(DeploymentFailedError, match="ended with 1"):
        run(deployer(world))
    assert Remembered.done == [f"discard {name}" for name in STACKS]
