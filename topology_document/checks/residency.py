"""The check of everything that flows: nothing of persons, and nobody, goes where the law of its zone does not let it.

What another check has said of a key already, with a better fix, is not said again: this one is the net beneath them.
"""

from collections.abc import Iterator

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.flows import Flow, FlowKind, flows_of
from topology_document.infrastructure.geography import countries


def flows_that_are_lawful(document: TopologyDocument) -> Iterator[Finding]:
    """I4 for all that the stacks build: each flow ends in a zone that its data, or its users, may be in."""
    for flow in flows_of(document):
        if not flow.is_lawful:
            yield _finding(document, flow)


def zones_that_there_are(document: TopologyDocument) -> Iterator[Finding]:
    """Users are of zones that some region is in, and are served in such zones."""
    zones = sorted({region.zone for region in document.regions.values()})
    for name, zone in document.zones.items():
        if name not in zones:
            fix = did_you_mean(name, zones, "write it at the regions that belong to it")
            yield Finding(("zones", name), shown(name), f"a zone of the regions: {listed(zones)}", fix)
        for other in zone.served_in:
            if other not in zones or other == name:
                allowed = f"zones of the regions beside its own: {listed(each for each in zones if each != name)}"
                yield Finding(("zones", name, "served_in"), shown(other), allowed, f"remove {other}")


def users_of_one_zone(document: TopologyDocument) -> Iterator[Finding]:
    """One law's users are not another's: each country is in one zone."""
    taken: dict[str, str] = {}
    for name, zone in document.zones.items():
        for place in zone.users:
            located = countries(place) or (place,)
            twice = next((each for each in located if taken.get(each, name) != name), None)
            if twice is not None:
                allowed = f"each country in one zone, and {twice} is in {taken[twice]} already"
                yield Finding(("zones", name, "users"), shown(place), allowed, f"remove {twice} from one of the two")
            taken = {**dict.fromkeys(located, name), **taken}


def _finding(document: TopologyDocument, flow: Flow) -> Finding:
    zones = listed(flow.lawful or ())
    laws = document.security.compliance.laws if document.security is not None else {}
    under = listed(law for zone in flow.lawful or () for law in laws.get(zone, ()))
    who = "they are answered in it" if flow.kind is FlowKind.USERS else "they stay in it"
    allowed = (
        f"{flow.kind} of the residency zone {zones}{f' under {under}' if under else ''}: {who}, and this is "
        f"{flow.what}: {flow.source} to {flow.target}"
    )
    inside = [name for name, region in document.regions.items() if region.zone in (flow.lawful or ())]
    fix = f"choose of {listed(inside)}" if inside else f"declare a region of {zones}"
    if flow.kind is FlowKind.USERS:
        fix += ", with a route for each zone and one of policy geolocation over them"
    return Finding(flow.path, shown(flow.target.name), allowed, fix)
