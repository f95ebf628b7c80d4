"""One fault of every kind and more, and all that is broken of a world at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.form import Fault
from simulator.world.world import World
from tests.products import EU, QUORUM, US
from tests.unit.simulator.world_inside.deployed import fault

ORDERS_HERE: Final = {"database": "orders", "region": US}

EXAMPLES: Final[tuple[Fault, ...]] = (
    fault(region_down=US),
    fault(region_down={"region": US, "calls": "hang"}),
    fault(region_down_after="FenceSource"),
    fault(flapping={"region": US, "period": "8s"}),
    fault(database_down=ORDERS_HERE),
    fault(database_read_only=ORDERS_HERE),
    fault(disk_full=ORDERS_HERE),
    fault(network_cut={"from": US, "to": EU}),
    fault(network_cut={"from": US, "to": EU, "calls": "refuse"}),
    fault(network_cut={"isolate": US}),
    fault(network_cut={"observer": EU}),
    fault(clients_cut=US),
    fault(clients_cut={"region": US, "observers": True, "calls": "refuse"}),
    fault(replica_lag={"database": "orders"}),
    fault(replica_lag={"database": "orders", "region": EU, "seconds": 9}),
    fault(slow={"region": US, "what": "application", "seconds": 1}),
    fault(slow={"region": US, "what": "application", "seconds": 2, "grows": "30s"}),
    fault(slow={"region": US, "what": "database", "seconds": 1}),
    fault(slow={"region": US, "what": "database", "seconds": 2}),
    fault(slow={"region": US, "what": "aws", "seconds": 1}),
    fault(slow={"region": US, "what": "aws", "seconds": 2, "grows": "30s"}),
    fault(api_down={"service": "dynamodb", "region": QUORUM[0]}),
    fault(api_down={"service": "rds", "calls": "hang"}),
    fault(api_throttled={"service": "rds", "share": 0.5}),
    fault(api_throttled={"service": "rds"}),
    fault(store_replica_down={"region": QUORUM[0], "calls": "hang"}),
    fault(observer_down=US),
    fault(guard_dead=US),
    fault(guard_dead={"region": US, "frozen": True}),
    fault(functions_down=US),
    fault(functions_frozen=US),
    fault(promotion_refused={"region": EU}),
    fault(promotion_refused={"region": EU, "times": 2, "error": "AccessDenied"}),
    fault(promotion_unanswered={"region": EU}),
    fault(promotion_slow={"region": EU}),
    fault(promotion_slow={"region": EU, "seconds": 9}),
    fault(executor_killed="PromoteDatabase"),
    fault(executor_killed={"step": "PromoteDatabase", "write": 0}),
    fault(executor_frozen="PromoteDatabase"),
    fault(invocations={"how": "throttled", "step": "PromoteDatabase"}),
    fault(invocations="cold"),
    fault(capacity_missing=EU),
    fault(requests="rds"),
    fault(requests={"service": "rds", "how": "late", "seconds": 9, "times": 2}),
    fault(events="duplicated"),
    fault(events={"how": "delayed", "seconds": 9}),
    fault(events="reordered"),
    fault(events="stale"),
    fault(clock_skew={"region": US, "seconds": 60}),
    fault(clock_skew={"region": US, "seconds": -60}),
    fault(answers={"what": "health", "how": "stale"}),
    fault(answers={"what": "health", "how": "wrong", "region": US}),
    fault(answers={"what": "alarms", "how": "stale"}),
    fault(answers={"what": "resolver", "how": "stale", "region": US}),
    fault(answers={"what": "resolver", "how": "late", "seconds": 60}),
)


def broken(world: World) -> Mapping[str, Any]:
    """Everything of a world that a fault may have left behind, as it is at this moment."""
    return {**_of_regions(world), **_of_functions(world), **_of_databases(world), **_of_answers(world)}


def _of_regions(world: World) -> Mapping[str, Any]:
    net, now = world.network, world.kernel.now
    return {
        "lost": set(world.faults.lost),
        "down": dict(net.down),
        "powerless": dict(net.powerless),
        "cuts": {path: sorted(hows) for path, hows in net.cuts.items()},
        "outages": dict(net.outages),
        "throttles": dict(net.throttles),
        "slow APIs": {region: [slow(now), slow(now + 10)] for region, slow in net.slow.items()},
        "slow services": {
            region: [service.slow(now), service.slow(now + 10)]
            for region, service in world.outside.services.by_region.items()
            if service.slow is not None
        },
        "requests": sorted(
            (each.service, each.region, str(each.late_seconds), str(each.times)) for each in net.underways
        ),
        "quiet": net.quiet,
    }


def _of_functions(world: World) -> Mapping[str, Any]:
    functions, still = world.functions, world.executions.still
    return {
        "stopped": set(functions.stopped),
        "frozen": set(functions.frozen),
        "spoils": sorted(
            f"{each.function} {each.region} {each.times} {each.halt} {each.how}" for each in functions.spoils
        ),
        "still": set(still),
        "skew": dict(world.skew),
        "standing still": sorted(actor.name for actor in world.kernel.living if actor._frozen),
    }


def _of_databases(world: World) -> Mapping[str, Any]:
    promotions = world.promotions
    return {
        "copies": {
            place: (
                copy.reachable,
                copy.read_only,
                copy.full,
                copy.slow_seconds,
                copy.held_back,
                copy.extra_lag_seconds,
            )
            for place, copy in world.copies.items()
        },
        "promotions": sorted((each.region, each.times, str(each.error)) for each in promotions.failing),
        "slow promotions": dict(promotions.slow_seconds),
        "nodes": dict(world.compute.refused),
    }


def _of_answers(world: World) -> Mapping[str, Any]:
    groups = world.outside.clients.groups
    return {
        "events": dict(world.bus.spoiled),
        "gray": sorted(each.line() for each in world.gray.standing),
        "resolvers": {name: (each.resolver.ignores_ttl, each.resolver.extra_seconds) for name, each in groups.items()},
    }
