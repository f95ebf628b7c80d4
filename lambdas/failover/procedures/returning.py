"""Bringing users back by and by, each minute: it keeps still when anything else goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from failover.decision import Quorum, quorum_on
from failover.decision.returning import HOME, SPARED, WHOLE, Returning, next_share
from failover.errors import RecordsUnreachableError
from failover.ports import Clock, QuorumStore
from failover.ports.steering import RouteWeights
from failover.records import Control
from failover.topology import Topology


@dataclass(frozen=True, slots=True)
class ReturningPorts:
    """What it may touch."""

    store: QuorumStore
    weights: RouteWeights
    clock: Clock


def return_users(ports: ReturningPorts, topology: Topology, returning: Sequence[Returning]) -> dict[str, Any]:
    """Move each route one step; returns what was done, or why not.

    Shares stay as they are while an incident is open, operators have paused the control plane, or Route 53's API is
    out of reach. No failover waits for a share: both ways of answering have a second region behind the first.
    """
    return {each.route: _one(ports, topology, each, ports.store.control()) for each in returning}


def _one(ports: ReturningPorts, topology: Topology, returning: Returning, control: Control) -> dict[str, Any]:
    pause = control.pause
    if control.incident is not None:
        return {"frozen": "an incident is open"}
    if pause is not None and pause.until > ports.clock.now():
        return {"frozen": "operators have paused the control plane"}
    first = returning.regions[0]
    up = quorum_on(topology, tuple(ports.store.votes()), first, ports.clock.now()) is Quorum.UP
    try:
        share = ports.weights.read(returning.route, (HOME, SPARED))[HOME]
        wanted = next_share(returning, share, evacuated=first in control.evacuated, up=up)
        if wanted != share:
            ports.weights.write(returning.route, {HOME: wanted, SPARED: WHOLE - wanted})
    except RecordsUnreachableError as exc:
        return {"frozen": str(exc)}
    return {"percent": wanted, "before": share}
