"""Checks of what ties networks together: transit gateways, Kubernetes' own addresses, edge nodes, the ways out."""

import ipaddress
from collections.abc import Iterator

from failover.topology import DatasetKind
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.infrastructure.network import Nat


def gateways_of_the_regions(document: TopologyDocument) -> Iterator[Finding]:
    """Each region's transit gateway has an AS number, and no other has the same."""
    transit = document.network.transit if document.network else None
    if transit is None:
        return
    path = ("network", "transit", "asns")
    for region in (each for each in document.regions if each not in transit.asns):
        free = next(each for each in range(64512, 65535) if each not in transit.asns.values())
        yield Finding((*path, region), "nothing", "a private AS number for each region", f"add {region}: {free}")
    seen: dict[int, str] = {}
    for region, asn in transit.asns.items():
        if region not in document.regions:
            fix = did_you_mean(region, document.regions, f"remove {region}")
            yield Finding((*path, region), shown(region), f"one of the regions: {listed(document.regions)}", fix)
        if asn in seen:
            free = next(each for each in range(64512, 65535) if each not in transit.asns.values())
            allowed = f"an AS number that is not {seen[asn]}'s, since peers must be told apart"
            yield Finding((*path, region), str(asn), allowed, f"write {free}")
        seen.setdefault(asn, region)


def services_have_addresses_of_their_own(document: TopologyDocument) -> Iterator[Finding]:
    """A pod takes an address of Kubernetes' services for a service, so that a region in it is out of its reach."""
    if document.compute is None:
        return
    services = ipaddress.IPv4Network(document.compute.service_cidr)
    for name, region in document.regions.items():
        if services.overlaps(ipaddress.IPv4Network(region.cidr)):
            allowed = f"a network apart from every region's; {name} has {region.cidr}"
            fix = "write service_cidr: 192.168.0.0/16, or another one that no region has"
            yield Finding(("compute", "service_cidr"), shown(str(services)), allowed, fix)


def cities_of_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """An edge node is known to a region of the product, and asks a route of it."""
    if document.edge is None:
        return
    for city, each in document.edge.cities.items():
        if each.region not in document.regions:
            fix = did_you_mean(each.region, document.regions, f"add {each.region} to regions")
            allowed = f"one of the regions: {listed(document.regions)}"
            yield Finding(("edge", "cities", city, "region"), shown(each.region), allowed, fix)
    if document.edge.route not in document.routes:
        allowed = f"one of the routes: {listed(document.routes)}"
        fix = did_you_mean(document.edge.route, document.routes, f"write route: {next(iter(document.routes))}")
        yield Finding(("edge", "route"), shown(document.edge.route), allowed, fix)


def way_out_that_one_zone_takes_away(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a single NAT gateway: the guard renews through it, so that its zone's loss stops the writer."""
    if document.network is None or document.network.nat is not Nat.ONE:
        return
    for name, database in document.databases.items():
        if database.kind is DatasetKind.SINGLE:
            allowed = f"the loss of its zone ends the lease of {name}, for the guard reaches the quorum store by it"
            yield Finding(("network", "nat"), shown("one"), allowed, "write nat: each-zone where writes must go on")
            return
