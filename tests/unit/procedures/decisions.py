"""Votes, words and services by which a test makes a control region decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from failover.ports import Ports
from failover.procedures.deciding import decide_failover
from failover.records import Health, Vote, Word, WordKind
from failover.regional_ports import Nodes
from failover.topology import Automation, Topology
from tests.products import AP, EU, US, quickstart
from tests.worlds import World

SEQUENCE = count(1000)


def down(world: World, health: Health = Health.UNHEALTHY, subject: str = US, **changes: Any) -> None:
    """Two observers say so, and have said so for longer than the dwell time."""
    for observer in {US, EU, AP} - {subject}:
        told = Vote(subject, observer, health, "told", 1, next(SEQUENCE), world.clock.now(), 30.0, ("a", "b"))
        world.store.cast(replace(told, **changes))


def only(automation: Automation) -> Topology:
    topology = quickstart()
    return replace(topology, policy=replace(topology.policy, automation=automation))


def decided(ports: Ports, world: World) -> str:
    return next(each.rule for each in decide_failover(ports, world.topology) if each.subject == US)


def say(world: World, kind: WordKind, about: str = US) -> None:
    now = world.clock.now()
    world.store.say(Word(kind, about, "somebody", "told", now, now + timedelta(hours=1)))


def refusing(error: Exception) -> Callable[..., None]:
    def refuse(*_told: Any) -> None:
        raise error

    return refuse


class Cramped:
    """``regional_ports.ComputeService`` of regions that have no room, or do not tell."""

    def __init__(self, failure: str = "", asked: list[Any] | None = None) -> None:
        self.failure, self.asked = failure, asked if asked is not None else []

    def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
        self.asked.append(regions)
        return {region: Nodes(2, 2, 2, failure=self.failure) for region in regions}

    def scale(self, region: str, desired: int) -> None:
        raise AssertionError(f"a decision scales nothing, and {region} was to have {desired}")
