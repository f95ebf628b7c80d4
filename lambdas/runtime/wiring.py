"""The only reader of the process environment: it makes the adapters, each when it is first needed.

Clients are made lazily and kept for the life of the execution environment. Calls are bounded: whatever waits on
another region waits on a fixed box.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from failover.decision.returning import Returning
from failover.environment import Environment
from failover.environments import (
    AnswerLeverEnvironment,
    ArchiveJournalEnvironment,
    DatabaseAgentEnvironment,
    GuardLeaseEnvironment,
    RollOutModelsEnvironment,
)
from failover.model_versions import ModelPlan, RolloutPorts
from failover.plain import from_plain
from failover.ports import Ports
from failover.ports.edge_caches import EdgeCaches
from failover.ports.experiments import Experiments
from failover.ports.steering import Steering
from failover.procedures.balancer import BalancerLever
from failover.procedures.desk import DatabaseDesk
from failover.procedures.guarding import GuardPorts
from failover.procedures.journal_keeping import JournalShelf, JournalSource
from failover.procedures.lever import Lever
from failover.procedures.returning import ReturningPorts
from failover.procedures.rotating import Change, Rotating
from failover.procedures.steering import SteeringPorts
from failover.routing_environments import InvalidateCachesEnvironment, ReturnUsersEnvironment, SteerRoutesEnvironment
from failover.topology import Names, Topology, parse

E = TypeVar("E", bound=Environment)

TOPOLOGY_FILE = Path(__file__).parent.parent / "topology.json"


def environment(kind: type[E]) -> E:
    """Return this function's environment; ``KeyError`` names a variable that its stack did not set."""
    return kind.from_variables(os.environ)


@cache
def topology() -> Topology:
    """Return the topology that was deployed with this function's code."""
    return parse(json.loads(TOPOLOGY_FILE.read_text("utf-8")))


@cache
def here() -> str:
    """Return the region that this function runs in."""
    return os.environ["AWS_REGION"]


@cache
def ports() -> Ports:
    """Return the world as a step sees it; no client is made before it is called."""
    from failover.adapters.world import world

    return world(topology(), here())


def rehearse() -> None:
    """Do what every step does first, so that a warming call proves something."""
    if "LIFEBOAT_QUORUM_TABLE" in os.environ:
        ports().store.control()


@cache
def lever() -> Lever:
    """Return the lever of this region, with what it last knew."""
    from failover.adapters.aws import AwsLastKnown
    from failover.adapters.world import quick_store

    told = environment(AnswerLeverEnvironment)
    return Lever(topology(), quick_store(topology()), AwsLastKnown(told.local_table, here()), ports().clock)


@cache
def journals() -> tuple[JournalSource, JournalShelf]:
    """Return where the journal is written, and where this region keeps it."""
    from failover.adapters.aws import AwsJournalShelf, AwsJournalSource

    told = environment(ArchiveJournalEnvironment)
    return AwsJournalSource(told.quorum_table, told.quorum_regions), AwsJournalShelf(told.bucket, here())


@cache
def models() -> tuple[RolloutPorts, tuple[ModelPlan, ...]]:
    """Return what a look at the models touches, and what the document says of each."""
    from failover.adapters.aws.models import AwsModelGauges, AwsModelRecords, AwsModelShelf, whether_held

    told, clock = environment(RollOutModelsEnvironment), ports().clock
    plans = tuple(from_plain(ModelPlan, plan) for plan in told.models.values())
    shelf = AwsModelShelf(topology(), {plan.name: plan.source for plan in plans})
    gauges, held = AwsModelGauges(topology(), here(), clock), whether_held(ports().store)
    return RolloutPorts(here(), clock, shelf, AwsModelRecords(topology()), gauges, held), plans


def rotating(change: Change) -> Rotating:
    """Return what a change of a secret may touch; its vault is of this region, as the secret is."""
    from failover.adapters.aws import AwsAgent, AwsVault

    vault, world = AwsVault(change.secret, here()), ports()
    return Rotating(change, vault, AwsAgent(topology()), world.store, world.clock, vault.new_password)


@cache
def promising_ports() -> Ports:
    """Return the world of whoever promises: a guard waits for the answer, so the store gets one short try."""
    from failover.adapters.world import quick_store

    return replace(ports(), store=quick_store(topology()))


@cache
def database_desk() -> DatabaseDesk:
    """Return the desk of this region's copies."""
    from failover.adapters.aws import AwsTailShelf
    from runtime.databases import copies, sharing_ends

    names, told = Names(topology()), environment(DatabaseAgentEnvironment)
    near, ends = copies(names, here(), told.endpoints), sharing_ends(topology(), here(), told.endpoints)
    return DatabaseDesk(near, AwsTailShelf(told.bucket, here()), ends)


@cache
def guard_ports() -> GuardPorts:
    """Return what a guard may touch."""
    from failover.adapters.aws import AwsPromisers
    from failover.adapters.world import guards_store
    from runtime.databases import copies

    told = environment(GuardLeaseEnvironment)
    near = copies(Names(topology()), here(), told.endpoints)
    world = ports()
    store, promisers = guards_store(topology()), AwsPromisers(topology())
    return GuardPorts(here(), world.clock, store, promisers, near, world.telemetry)


@cache
def balancer_lever() -> BalancerLever:
    """Return what the load balancer of this region is answered by."""
    world = ports()
    return BalancerLever(topology(), here(), world.http, world.clock)


@cache
def steering() -> tuple[SteeringPorts, tuple[Steering, ...]]:
    """Return what weighing may touch, and what is weighed."""
    from failover.adapters.aws.steering import AwsRegionMinutes, AwsRouteWeights

    told, world = environment(SteerRoutesEnvironment), ports()
    weights = AwsRouteWeights(Names(topology()), told.zone_id)
    touched = SteeringPorts(world.store, weights, AwsRegionMinutes(world.clock), world.clock)
    return touched, tuple(Steering.parse(route, said) for route, said in told.steered.items())


@cache
def returning() -> tuple[ReturningPorts, Topology, tuple[Returning, ...]]:
    """Return what may be touched while users come back, and by which routes they do."""
    from failover.adapters.aws.steering import AwsRouteWeights
    from failover.adapters.aws.zones import zone_id

    told, world, names = environment(ReturnUsersEnvironment), ports(), Names(topology())
    touched = ReturningPorts(world.store, AwsRouteWeights(names, zone_id(names)), world.clock)
    return touched, topology(), tuple(Returning.parse(route, said) for route, said in told.returning.items())


@cache
def edge_caches() -> tuple[EdgeCaches, Mapping[str, Sequence[str]]]:
    """Return the edge caches, and what is thrown out of them by each trigger."""
    from failover.adapters.aws.edge_caches import AwsEdgeCaches

    told = environment(InvalidateCachesEnvironment)
    return AwsEdgeCaches(told.distribution), told.paths


@cache
def experiments() -> Experiments:
    """Return the experiments of this region."""
    from failover.adapters.aws.experiments import AwsExperiments

    return AwsExperiments(here(), topology().name)
