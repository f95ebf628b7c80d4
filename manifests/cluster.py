"""Everything of one region's cluster, in the order in which it is applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from failover.topology import Names, Topology
from manifests import (
    autoscaler,
    entrance,
    experiments,
    mesh,
    network_policies,
    observability,
    passwords,
    services,
    space,
    tokens,
)
from manifests.manifest import Manifest
from topology_document import Infrastructure
from topology_document.infrastructure.compute import ComputeSection, ServiceSection
from topology_document.ties import peers_of
from topology_document.workloads import calls_afar, services_in


@dataclass(frozen=True)
class Cluster:
    """A region, its product, and what of the document concerns its cluster."""

    topology: Topology
    infrastructure: Infrastructure
    region: str
    green: bool = False

    @property
    def names(self) -> Names:
        """The computed names, which stacks have used too."""
        return Names(self.topology)

    @property
    def namespace(self) -> str:
        """The namespace of the product; the second colour of its pods has one of its own."""
        return self.names.green if self.green else self.topology.name

    @property
    def cidr(self) -> str:
        """The addresses of the region's network."""
        return self.topology.region(self.region).cidr

    @property
    def compute(self) -> ComputeSection:
        """What the document says of nodes, or the defaults of it."""
        return self.infrastructure.compute or ComputeSection()

    @cached_property
    def services(self) -> dict[str, ServiceSection]:
        """The services that run here, each with what of its data is here."""
        return services_in(self.topology, self.infrastructure, self.region)

    @property
    def public(self) -> dict[str, ServiceSection]:
        """Those that users reach."""
        return {name: service for name, service in self.services.items() if service.paths}

    def copies(self, databases: Sequence[str]) -> list[str]:
        """The networks of other regions with a copy of these, where this one reaches them: readers fall back there."""
        transit = self.infrastructure.network.transit if self.infrastructure.network else None
        if transit is None:
            return []
        held = {region for each in self.topology.databases if each.name in databases for region in each.regions}
        peers = peers_of(self.topology, self.region, transit.reach)
        return [self.topology.region(peer).cidr for peer in peers if peer in held]

    @cached_property
    def afar(self) -> dict[str, list[str]]:
        """What each service calls in other regions, since it does not run here."""
        return calls_afar(self.infrastructure, self.region)

    def public_host(self, name: str) -> str:
        """The name by which a service is reached from regions where it does not run."""
        route = self.infrastructure.services[name].reached_by
        assert route is not None, f"{name}: the document's check lets no call pass that nobody answers"
        return self.names.route(route)

    def callers(self, name: str) -> list[str]:
        """The services that may call one."""
        return [other for other, service in self.services.items() if name in service.calls]


def manifests_of(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the manifests of a region: first what others stand in, last what users reach."""
    if cluster.infrastructure.compute is not None:
        yield from autoscaler.manifests(cluster)
    if not cluster.green:
        yield from observability.manifests(cluster)
    if not cluster.services:
        return
    yield from space.manifests(cluster)
    yield from passwords.manifests(cluster)
    yield from network_policies.manifests(cluster)
    yield from mesh.manifests(cluster)
    for name, service in cluster.services.items():
        yield from services.manifests(cluster, name, service)
    if cluster.infrastructure.experiments is not None:
        yield from experiments.manifests(cluster)
    if cluster.public:
        yield from entrance.manifests(cluster)
        yield from tokens.manifests(cluster)
