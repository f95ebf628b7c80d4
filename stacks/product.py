"""All the stacks of one topology, and the order in which they are deployed.

The order is the only tie between them: no stack reads another's output, so that each can be deployed,
updated or lost alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from constructs import Construct

from failover.topology import Role, Topology, global_caches
from failover.topology.health_relays import health_relays
from stacks.accelerator_stack import accelerator_stacks
from stacks.advisory_stack import AdvisoryStack
from stacks.audit_stack import audit_stacks
from stacks.caches_stack import caches_stacks
from stacks.chaos_stack import chaos_stacks
from stacks.constructs.boundary import bound
from stacks.constructs.disposable import dispose
from stacks.constructs.function_bundle import FunctionBundle
from stacks.control_stack import ControlStack
from stacks.data_stack import data_stacks
from stacks.delivery_stack import delivery_stacks
from stacks.deploy_guard_stack import DeployGuardStack
from stacks.edge_stack import edge_stacks
from stacks.enclave_stack import enclave_stacks
from stacks.errors import CompositionError
from stacks.gateway_stack import gateway_stacks
from stacks.global_stack import GlobalStack
from stacks.layer import LayerStack
from stacks.models_stack import models_stacks
from stacks.observability_area import observability_stacks
from stacks.quorum_stack import QuorumStack
from stacks.regional_stack import RegionalStack
from stacks.rehearsal_stack import rehearsal_stacks
from stacks.returns_stack import returns_stacks
from stacks.security_stack import security_stacks
from stacks.sites_stack import site_stacks
from stacks.steering_stack import steering_stacks
from stacks.transit_stack import transit_stacks
from stacks.workload_stack import workload_stacks
from stacks.zone_stack import ZoneStack
from topology_document import NOTHING, Infrastructure
from topology_document.infrastructure.environment import Environment

AREAS: Final[tuple[Callable[[Construct, Topology, Infrastructure], Iterable[LayerStack]], ...]] = (
    caches_stacks,
    data_stacks,
    models_stacks,
    site_stacks,
    returns_stacks,
    transit_stacks,
    workload_stacks,
    edge_stacks,
    audit_stacks,
    security_stacks,
    gateway_stacks,
    enclave_stacks,
    accelerator_stacks,
    delivery_stacks,
    steering_stacks,
    chaos_stacks,
    rehearsal_stacks,
    observability_stacks,  # last: it looks for the logs of all the others
)
"""What builds the stacks of each area of the infrastructure; one whose section is missing builds none."""

EDGE: Final[tuple[Callable[[Construct, Topology, Infrastructure], Iterable[LayerStack]], ...]] = (edge_stacks,)
"""Those of them that build edge nodes, which are an environment of their own."""


@dataclass(frozen=True, slots=True)
class Product:
    """The stacks of a topology; those that there may be several of, by region."""

    zone: ZoneStack
    quorum: QuorumStack
    regional: dict[str, RegionalStack]
    control: dict[str, ControlStack]
    advisory: dict[str, AdvisoryStack]
    global_: GlobalStack
    areas: list[LayerStack]
    deploy_guards: dict[str, DeployGuardStack]

    @property
    def guarded(self) -> list[LayerStack]:
        """The stacks that the deploy guards watch over: all but the guards."""
        several = [*self.regional.values(), *self.control.values(), *self.advisory.values()]
        return [self.zone, self.quorum, *several, self.global_, *self.areas]


def compose(scope: Construct, topology: Topology, infrastructure: Infrastructure = NOTHING) -> Product:
    """Build every stack of the topology, and of what else its document asks for.

    Raises:
        CompositionError: it asks for something that these stacks cannot build.
    """
    waits_for = regional_order(topology)
    bundle = FunctionBundle.build(topology)
    product = Product(
        zone=ZoneStack(scope, topology, infrastructure),
        quorum=QuorumStack(scope, topology),
        regional={name: RegionalStack(scope, topology, name, bundle, infrastructure) for name in topology.aws_regions},
        control={name: ControlStack(scope, topology, name, bundle) for name in topology.control_regions},
        advisory={relay.region: AdvisoryStack(scope, topology, relay) for relay in health_relays(topology)},
        global_=GlobalStack(scope, topology, infrastructure),
        areas=[stack for build in AREAS for stack in build(scope, topology, infrastructure)],
        deploy_guards={},
    )
    _order(product, waits_for)
    _watch(scope, topology, bundle, product)
    if infrastructure.security is not None and infrastructure.security.access.boundary:
        for stack in [*product.guarded, *product.deploy_guards.values()]:
            bound(stack, topology)
    return product


def compose_there(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> None:
    """Build what there is in the environment of the infrastructure; raises ``CompositionError``."""
    if infrastructure.environment is Environment.EDGE:
        # The edge nodes are production's: the same stacks, without those of the regions behind them.
        for build in EDGE:
            list(build(scope, topology, infrastructure))
        return
    compose(scope, topology, infrastructure)
    if infrastructure.environment is Environment.DEVELOPMENT:
        dispose(scope)


def regional_order(topology: Topology) -> dict[str, set[str]]:
    """Return, for each workload region, the regions whose first deployment must come before its own.

    A replica needs its source, so a region waits for those in which the databases it holds were born; and
    every secondary waits for the primaries.
    """
    primaries = {each.name for each in topology.regions if each.role is Role.PRIMARY and each.site is None}
    waits_for = {
        region.name: primaries - {region.name} if region.role is Role.SECONDARY else set[str]()
        for region in topology.regions
        if region.site is None
    }
    for database in topology.databases:
        for replica in waits_for.keys() & set(database.replicas):
            waits_for[replica] |= waits_for.keys() & {database.born_primary}
    for cache in global_caches(topology):
        for replica in cache.replicas:
            waits_for[replica].add(cache.born_primary)
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as exc:
        circle = " before ".join(exc.args[1])
        raise CompositionError(
            f"databases: their replicas need {circle}; let the databases of these regions be born in one of them"
        ) from exc
    return waits_for


def _order(product: Product, waits_for: dict[str, set[str]]) -> None:
    product.quorum.add_stack_dependency(product.zone, "zone first")
    for name, regional in product.regional.items():
        regional.add_stack_dependency(product.quorum, "its guard renews in the quorum store")
        for other in sorted(waits_for[name]):
            regional.add_stack_dependency(product.regional[other], "its replicas need their source")
        product.global_.add_stack_dependency(regional, "records and replication rules point at it")
    first = [product.regional[name] for name in product.regional if not waits_for[name]]
    for control in product.control.values():
        # By the first regions where there are any; a product of sites alone has none.
        control.add_stack_dependency(product.zone, "its lever's record is in the zone")
        control.add_stack_dependency(product.quorum, "it votes in the quorum store")
        for regional in first:
            control.add_stack_dependency(regional, "there is nothing to observe before")
        product.global_.add_stack_dependency(control, "checks ask its lever endpoint")
    for area in product.areas:
        area.add_stack_dependency(product.global_, "what serves comes first")


def _watch(scope: Construct, topology: Topology, bundle: FunctionBundle, product: Product) -> None:
    """Put a guard into each region that has a stack; one that came first would refuse all the others."""
    for region in dict.fromkeys(stack.region_name for stack in product.guarded):
        names = [stack.stack_name for stack in product.guarded if stack.region_name == region]
        guard = product.deploy_guards[region] = DeployGuardStack(scope, topology, region, bundle, names)
        for stack in product.guarded:
            guard.add_stack_dependency(stack, "a guard refuses what it cannot judge")
