"""Invariants of who may act and where: I4, I5, I7, I8."""

from collections.abc import Iterable

from failover.invariants.chronicle import Chronicle

FORBIDDEN = ("cloudformation", "cloudfront", "globalaccelerator", "iam", "organizations", "route53")
"""Control planes that live in one place or in us-east-1, and that nothing may wait on while failing over."""


def lawful(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I4: no promotion leaves a database's residency zone, and no answer leads users out of theirs."""
    topology = chronicle.topology
    zones = {region.name: region.zone for region in topology.regions}
    found = [
        f"{each.database} was promoted in {each.region}, outside zone {topology.database(each.database).zone}"
        for each in chronicle.promotions
        if zones[each.region] != topology.database(each.database).zone
    ]
    abroad = {
        (each.name, each.client, region)
        for each in chronicle.dns
        for region in each.regions
        if each.client in zones and zones.get(region) != zones[each.client]
    }
    found += [f"{name} led users in {client} to {region}, outside {zones[client]}" for name, client, region in abroad]
    return len(chronicle.promotions) + len(chronicle.dns), sorted(found)


def never_empty(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I5: every question is answered with a region, every write by it with a row or a reason; the last is not drained.

    A region that users are led to may have no right to write: then it says so.
    """
    empty = {(each.name, each.client) for each in chronicle.dns if not each.regions}
    found = [f"{name} answered nothing to users in {client}" for name, client in sorted(empty)]
    mute = {(each.region, each.client) for each in chronicle.answered if not each.acknowledged and not each.reason}
    found += [f"{region} refused a write of {client} without saying why" for region, client in sorted(mute)]
    drained, evacuations = _drained(chronicle)
    return len(chronicle.dns) + len(chronicle.answered) + evacuations, found + drained


def _drained(chronicle: Chronicle) -> tuple[list[str], int]:
    """Evacuations that left no region to users: each other one was evacuated too, or voted down by enough."""
    found, count = [], 0
    away: dict[str, str | None] = {}
    votes: dict[str, set[str]] = {}
    for entry in chronicle.entries("VOTE", "EVACUATED", "COMPENSATED", "TRAFFIC_RETURNED"):
        subject = str(entry.subject)
        if entry.kind == "VOTE":
            against = votes.setdefault(subject, set())
            (against.add if entry.facts["health"] == "UNHEALTHY" else against.discard)(entry.region)
        elif entry.kind == "EVACUATED":
            count += 1
            away.setdefault(subject, entry.incident)
            down = {each for each, against in votes.items() if len(against) >= chronicle.topology.policy.observers}
            if not set(chronicle.topology.region_names) - set(away) - down:
                found.append(f"{subject} was evacuated, and no region was left")
        elif entry.kind == "TRAFFIC_RETURNED" or away.get(subject) == entry.incident:
            away.pop(subject, None)
    return found, count


def once(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I7: one incident at a time, one execution a term, one target for a database of an incident."""
    found: list[str] = []
    open_now: str | None = None
    opened = 0
    for entry in chronicle.entries("INCIDENT_OPENED", "INCIDENT_CLOSED", "COMPENSATED"):
        if entry.kind == "INCIDENT_OPENED":
            opened += 1
            if open_now is not None:
                found.append(f"{entry.incident} was opened while {open_now} was open")
            open_now = entry.incident
        elif entry.incident == open_now:
            open_now = None
    joined: dict[tuple[str | None, int | None], set[str]] = {}
    for entry in chronicle.entries("JOINED"):
        joined.setdefault((entry.incident, entry.term), set()).add(entry.facts["execution"])
    found += [
        f"{sorted(who)} joined {incident}, term {term}" for (incident, term), who in joined.items() if len(who) > 1
    ]
    targets: dict[tuple[str | None, str | None], set[str]] = {}
    for entry in chronicle.entries("PROMOTION_ASKED"):
        targets.setdefault((entry.incident, entry.database), set()).add(entry.facts["target"])
    found += [
        f"{database} was promoted in {sorted(where)}" for (_, database), where in targets.items() if len(where) > 1
    ]
    return opened, found


def independence(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I8: between an incident's opening and its end no function calls a control plane of one place."""
    found = set()
    spans = _incident_spans(chronicle)
    for call in chronicle.calls:
        if call.service in FORBIDDEN and any(begun <= call.at <= ended for begun, ended in spans):
            found.add(f"{call.source} called {call.service}:{call.action} in {call.target}")
    return len(chronicle.calls) if spans else 0, sorted(found)


def _incident_spans(chronicle: Chronicle) -> list[tuple[float, float]]:
    spans = []
    for entry in chronicle.entries("INCIDENT_OPENED"):
        ends = [each for each in chronicle.entries("INCIDENT_CLOSED", "COMPENSATED") if each.incident == entry.incident]
        spans.append((chronicle.seconds(entry), chronicle.seconds(ends[-1]) if ends else float("inf")))
    return spans
