"""Weighing the regions of a route each minute: an optimisation that keeps still when anything else goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from failover.decision.weights import share, shares_of, weights_of
from failover.errors import RecordsUnreachableError
from failover.ports import Clock, QuorumStore
from failover.ports.steering import RegionMinutes, RouteWeights, Steering
from failover.records import Control

NOTHING_TO_DO = "as it should be"


@dataclass(frozen=True, slots=True)
class SteeringPorts:
    """What it may touch."""

    store: QuorumStore
    weights: RouteWeights
    minutes: RegionMinutes
    clock: Clock


def steer_routes(ports: SteeringPorts, steered: Sequence[Steering]) -> dict[str, Any]:
    """Move each route's weights one step towards what its regions can take; returns what was done, or why not.

    Weights stay as they are while an incident is open, a region of the route is evacuated, operators have paused the
    control plane, or Route 53's API is out of reach, which is in us-east-1 alone. Nothing ever waits for a weight.
    """
    return {each.route: _steer(ports, each, ports.store.control()) for each in steered}


def _steer(ports: SteeringPorts, steering: Steering, control: Control) -> dict[str, Any]:
    frozen = _why_frozen(ports, steering, control)
    if frozen:
        return {"frozen": frozen}
    try:
        before = ports.weights.read(steering.route, steering.regions)
        sharing = share(steering.weighing, ports.minutes.of(steering), shares_of(before))
        if sharing.next is None or (after := weights_of(sharing.next)) == before:
            return {"kept": NOTHING_TO_DO, "weights": dict(before)}
        ports.weights.write(steering.route, after)
    except RecordsUnreachableError as exc:
        return {"frozen": str(exc)}
    return {"weights": after, "before": dict(before), "failing": sorted(sharing.failing)}


def _why_frozen(ports: SteeringPorts, steering: Steering, control: Control) -> str:
    pause = control.pause
    reasons = {
        "an incident is open": control.incident is not None,
        "operators have paused the control plane": pause is not None and pause.until > ports.clock.now(),
        "a region of the route is evacuated": any(region in control.evacuated for region in steering.regions),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")
