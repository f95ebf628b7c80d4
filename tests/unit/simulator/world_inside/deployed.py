"""A product that is deployed in virtual time, and handlers of a test's own in the place of Lifeboat's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from failover.topology import Topology
from rehearsal.form import Fault, parse_scenario
from runtime import wiring
from simulator.world import functions
from simulator.world.wired import give_turn_to
from simulator.world.world import World
from tests.products import quickstart
from tests.unit.simulator.world_inside.callers import Callers
from tests.unit.simulator.world_outside.scene import latencies

Handler = Callable[[Any, Any], Any]


def world(topology: Topology | None = None, *, seed: str = "1", still: bool = True) -> World:
    """A world in which nothing has begun; handlers that run find their ports in it."""
    made = World(topology or quickstart(), seed, latencies(still=still))
    give_turn_to(made.kernel)
    return made


def callers(made: World) -> Callers:
    """Whoever asks in this world."""
    return Callers(made.network)


def fault(**written: Any) -> Fault:
    """A fault as a scenario writes it: ``fault(region_down="us-east-1")``."""
    document = {"proves": "it", "steps": [{"at": "0s", "fault": written}, {"at": "9s", "expect": {"writer": "none"}}]}
    (step, *_) = parse_scenario(document).steps
    assert step.fault is not None
    return step.fault


def instead(monkeypatch: pytest.MonkeyPatch, handlers: Mapping[str, Handler]) -> None:
    """Put handlers of a test's own in the place of Lifeboat's."""
    monkeypatch.setattr(functions, "handler", lambda name: handlers[name])


def pages(*subjects: str) -> Handler:
    """A handler whose writes are pages, one after another; it answers when they have been sent."""

    def handle(_event: Any, _context: Any) -> str:
        for subject in subjects:
            wiring.ports().pager.page(subject, "")
        return "sent"

    return handle


def waits(seconds: float, answer: object = "done") -> Handler:
    """A handler that takes its time."""

    def handle(_event: Any, _context: Any) -> object:
        wiring.ports().clock.sleep(seconds)
        return answer

    return handle


def paged(made: World) -> list[str]:
    """The pages that were taken."""
    return [each.subject for each in made.recorder.pages]
