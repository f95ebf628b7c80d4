"""Checks of where things are: regions, their networks, control regions, the quorum store."""

import ipaddress
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from failover.topology import Automation, Role
from topology_document.compilation import control_regions
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, listed, shown
from topology_document.regions import AWS_REGIONS, REGION_SETS

_PRIVATE: Final = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_REGION_SETS_SAID: Final = "; ".join(f"{name}: {listed(places)}" for name, places in REGION_SETS.items())


def one_primary(document: TopologyDocument) -> Iterator[Finding]:
    """Exactly one region is born primary."""
    primaries = [name for name, region in document.regions.items() if region.role is Role.PRIMARY]
    if not primaries:
        fix = f"write role: primary at one of {listed(document.regions)}"
        yield Finding(("regions",), "no primary", "exactly one region with role: primary", fix)
    for name in primaries[1:]:
        fix = f"{primaries[0]} is primary already; write role: secondary here"
        yield Finding(("regions", name, "role"), '"primary"', "exactly one region with role: primary", fix)


def networks_apart(document: TopologyDocument) -> Iterator[Finding]:
    """No two regions' networks overlap, so that they can be joined."""
    networks = {name: ipaddress.IPv4Network(region.cidr) for name, region in document.regions.items()}
    for (first, one), (second, other) in combinations(networks.items(), 2):
        if one.overlaps(other):
            taken = set(networks.values())
            free = next(
                (each for each in _PRIVATE[0].subnets(new_prefix=16) if not any(map(each.overlaps, taken))), None
            )
            fix = f"choose another, such as {free}" if free else "choose another network"
            allowed = f"a network apart from {first}'s {one}"
            yield Finding(("regions", second, "cidr"), shown(str(other)), allowed, fix)


def networks_are_private(document: TopologyDocument) -> Iterator[Finding]:
    """A network of public addresses hides that part of the internet from the region."""
    for name, region in document.regions.items():
        network = ipaddress.IPv4Network(region.cidr)
        if not any(network.subnet_of(private) for private in _PRIVATE):
            allowed = "public addresses work inside a VPC but hide their owners from it"
            fix = f"choose a network in {listed(map(str, _PRIVATE))}"
            yield Finding(("regions", name, "cidr"), shown(region.cidr), allowed, fix)


def three_quorum_places(document: TopologyDocument) -> Iterator[Finding]:
    """DynamoDB's strongly consistent global tables have exactly three places."""
    replicas, witness = document.quorum_store.replicas, document.quorum_store.witness
    if len(replicas) == (2 if witness else 3):
        return
    got = f"{len(replicas)} replicas and {'a' if witness else 'no'} witness"
    fix = "list three replicas, or two and a witness"
    yield Finding(("quorum_store",), got, "exactly three places", fix)


def different_quorum_places(document: TopologyDocument) -> Iterator[Finding]:
    """A place counts once."""
    replicas, witness = document.quorum_store.replicas, document.quorum_store.witness
    for place in _repeated(replicas):
        yield Finding(("quorum_store", "replicas"), shown(place), "each region once", _other_place(replicas, witness))
    if witness in replicas:
        allowed = "a region that is not one of the replicas"
        yield Finding(("quorum_store", "witness"), shown(witness), allowed, _other_place(replicas, witness))


def one_region_set(document: TopologyDocument) -> Iterator[Finding]:
    """The three places belong to one region set of DynamoDB."""
    replicas, witness = document.quorum_store.replicas, document.quorum_store.witness
    places = {**dict.fromkeys(replicas, "replicas"), **({witness: "witness"} if witness else {})}
    sets = {place: _region_set(place) for place in places}
    named = [each for each in sets.values() if each]
    chosen = max(REGION_SETS, key=named.count) if named else None
    for place, key in places.items():
        if sets[place] == chosen and chosen:
            continue
        fix = _other_place(replicas, witness) if chosen else "choose three places of one set"
        allowed = f"three places of one region set ({_REGION_SETS_SAID})"
        yield Finding(("quorum_store", key), shown(place), allowed, fix)


def control_regions_once(document: TopologyDocument) -> Iterator[Finding]:
    """A control region is listed once."""
    for region in _repeated(document.control_regions or []):
        yield Finding(("control_regions",), shown(region), "each region once", f"remove the second {region}")


def enough_observers(document: TopologyDocument) -> Iterator[Finding]:
    """Automatic failover needs two observers outside any region, and as many as the policy asks for."""
    control = control_regions(document)
    outside = min(len(set(control) - {region}) for region in document.regions)
    automatic = document.failover.automation is Automation.AUTOMATIC
    wanted = document.failover.observers
    if document.failover.automation is Automation.OBSERVE:
        return
    another = next(
        each for each in (*document.quorum_store.replicas, *AWS_REGIONS) if each not in {*control, *document.regions}
    )
    if automatic and outside < 2:
        allowed = "at least two control regions outside each region, where failover.automation is automatic"
        fix = f"write control_regions: [{listed((*control, another))}] or so, or failover.automation: approve"
        yield Finding(("control_regions",), shown(list(control)), allowed, fix)
        return
    if wanted > outside:
        allowed = f"at most {outside}, the control regions that are left when one region is lost"
        fix = f"write observers: {outside}, or add to control_regions" if outside else "add to control_regions"
        yield Finding(("failover", "observers"), str(wanted), allowed, fix)
    elif automatic and wanted < 2:
        allowed = "two or more, where failover.automation is automatic: one observer may be the one that is cut off"
        yield Finding(("failover", "observers"), str(wanted), allowed, "write observers: 2")


def _region_set(place: str) -> str | None:
    return next((name for name, places in REGION_SETS.items() if place in places), None)


def _other_place(replicas: list[str], witness: str | None) -> str:
    """Name what is free in the region set that most of the places belong to."""
    named = [found for place in replicas if (found := _region_set(place))]
    if not named:
        return "choose three places of one region set"
    free = [each for each in REGION_SETS[max(named, key=named.count)] if each not in {*replicas, witness}]
    return f"choose {' or '.join(free)}" if free else "choose another region set"


def _repeated(regions: list[str]) -> list[str]:
    return [region for at, region in enumerate(regions) if region in regions[:at]]
