"""Checks of sites: regions outside AWS, which have names of their own, pairs, and servers of their own."""

from collections.abc import Iterator

from failover.topology import Engine, RoutePolicy
from topology_document.compilation import born_in, control_regions
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.regions import AWS_REGIONS


def regions_of_aws_or_sites(document: TopologyDocument) -> Iterator[Finding]:
    """A region is one of AWS's by its name, or says what it is."""
    for name, region in document.regions.items():
        if name in AWS_REGIONS and region.site is not None:
            allowed = f"no site at {name}, which is a region of AWS"
            yield Finding(("regions", name, "site"), "a mapping", allowed, "remove site, or give the site its own name")
        if name not in AWS_REGIONS and region.site is None:
            fix = did_you_mean(name, AWS_REGIONS, f"add site: {{provider: …, pair: …, near: …}} to {name}")
            yield Finding(("regions", name), shown(name), "a region of the aws partition, or a site with its keys", fix)


def servers_of_their_own_at_sites(document: TopologyDocument) -> Iterator[Finding]:
    """No service of AWS runs a database at a site."""
    for name, database in document.databases.items():
        held = {born_in(document, database), *database.replicas}
        sites = [each for each, region in document.regions.items() if region.site and each in held]
        if sites and database.engine is not Engine.SELF_MANAGED_POSTGRES:
            allowed = f"{Engine.SELF_MANAGED_POSTGRES} where a copy is at a site, as in {sites[0]}"
            fix = f"write engine: {Engine.SELF_MANAGED_POSTGRES}, or take {listed(sites)} out of it"
            yield Finding(("databases", name, "engine"), shown(database.engine), allowed, fix)


def sites_with_their_section(document: TopologyDocument) -> Iterator[Finding]:
    """A site's guard needs a way to the quorum store."""
    sites = [name for name, region in document.regions.items() if region.site]
    if sites and document.sites is None:
        fix = "write sites: {session_seconds: 3600}"
        yield Finding(("sites",), "nothing", f"a mapping, since there are sites: {listed(sites)}", fix)


def servers_with_ports_of_their_own(document: TopologyDocument) -> Iterator[Finding]:
    """Each database of a site is a server of its own: they move apart."""
    for site, region in document.regions.items():
        taken: dict[int, str] = {}
        for name, database in document.databases.items() if region.site else ():
            if site not in {born_in(document, database), *database.replicas}:
                continue
            first = taken.setdefault(database.port, name)
            if first != name:
                free = next(port for port in range(database.port, 65536) if port not in taken)
                allowed = f"another port than that of {first}, which is at {site} too"
                yield Finding(("databases", name, "port"), str(database.port), allowed, f"write port: {free}")


def pairs_of_one_zone(document: TopologyDocument) -> Iterator[Finding]:
    """The providers of one place take over from each other, so that one law holds for both."""
    zones: dict[str, tuple[str, str]] = {}
    for name, region in document.regions.items():
        if region.site is None:
            continue
        first, zone = zones.setdefault(region.site.pair, (name, region.zone))
        if region.zone != zone:
            allowed = f"the zone {zone} of {first}, its pair in {region.site.pair}"
            fix = f"write zone: {zone}, or another pair"
            yield Finding(("regions", name, "zone"), shown(region.zone), allowed, fix)


def pairs_of_different_providers(document: TopologyDocument) -> Iterator[Finding]:
    """One provider's trouble, with its network or its bills, takes all of its machines of a place at once."""
    taken: dict[tuple[str, str], str] = {}
    for name, region in document.regions.items():
        if region.site is None:
            continue
        first = taken.setdefault((region.site.pair, region.site.provider), name)
        if first != name:
            provider, pair = region.site.provider, region.site.pair
            allowed = f"another provider than that of {first}, which is in {pair} too: {provider} may lose both at once"
            fix = f"write another provider for {name}, or give it a pair of its own"
            yield Finding(("regions", name, "site", "provider"), shown(provider), allowed, fix)


def control_regions_of_aws(document: TopologyDocument) -> Iterator[Finding]:
    """The control plane runs on AWS, also where nothing else does."""
    if document.control_regions is None and not control_regions(document):
        fix = f"write control_regions: [{listed(document.quorum_store.replicas)}]"
        yield Finding(("control_regions",), "nothing", "regions of AWS, and every region here is a site", fix)


def latencies_apart(document: TopologyDocument) -> Iterator[Finding]:
    """Route 53 has one record of a name for each of its regions, and a site is known to it by the one it is near to."""
    for name, route in document.routes.items():
        taken: dict[str, str] = {}
        for each in (route.regions or document.regions) if route.policy is RoutePolicy.LATENCY else []:
            region = document.regions.get(each)
            near = region.site.near if region and region.site else each
            first = taken.setdefault(near, each)
            if first != each:
                allowed = f"one region at {near} with policy: latency, and {first} is there"
                fix = f"write policy: failover over {first} and {each} in a route of their own, or remove one"
                yield Finding(("routes", name, "regions"), shown(each), allowed, fix)
