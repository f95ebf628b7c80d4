"""Checks of databases: what they are, where they are born, and where their copies may be."""

from collections.abc import Iterator
from typing import Final

from failover.topology import Automation, DatasetKind, Engine, Role
from topology_document import compilation
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.sections import DatabaseSection, Standby

KINDS: Final = dict.fromkeys(Engine, (DatasetKind.SINGLE, DatasetKind.HOME_REGION))
"""Every engine that there is has one writer."""

BURSTABLE: Final = "db.t"


def kind_that_the_engine_has(document: TopologyDocument) -> Iterator[Finding]:
    """An engine with one writer cannot be written everywhere."""
    for name, database in document.databases.items():
        allowed = KINDS[database.engine]
        if database.kind not in allowed:
            said = f"{listed(allowed)} with engine {database.engine}, which has one writer"
            yield Finding(("databases", name, "kind"), shown(database.kind), said, "write kind: single")


def class_that_the_engine_takes(document: TopologyDocument) -> Iterator[Finding]:
    """A global database takes no burstable classes (Amazon Aurora user guide, its configuration requirements)."""
    for name, database in document.databases.items():
        if database.engine is Engine.AURORA_POSTGRES and database.instance_class.startswith(BURSTABLE):
            path = ("databases", name, "instance_class")
            allowed = f"a class that is not burstable with engine {database.engine}"
            yield Finding(path, shown(database.instance_class), allowed, "write instance_class: db.r7g.large")


def born_where_it_may_be(document: TopologyDocument) -> Iterator[Finding]:
    """A database is born in a declared region; what moves, in one that serves from the first day.

    A secondary region is deployed after those that serve, and its own copies follow theirs.
    """
    for name, database in document.databases.items():
        path, born_in = ("databases", name, "born_in"), database.born_in
        if born_in is None:
            continue
        if born_in not in document.regions:
            fix = did_you_mean(born_in, document.regions, f"add {born_in} to regions")
            yield Finding(path, shown(born_in), f"one of the regions: {listed(document.regions)}", fix)
        elif database.kind is DatasetKind.SINGLE and document.regions[born_in].role is Role.SECONDARY:
            serving = listed(name for name, region in document.regions.items() if region.role is not Role.SECONDARY)
            allowed = f"a region that is primary or active: {serving}; {born_in} is secondary"
            yield Finding(path, shown(born_in), allowed, f"remove born_in, or write role: active at {born_in}")


def replicas_in_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """A replica stands in a region of the product."""
    for path, replica in _replicas(document):
        if replica not in document.regions:
            fix = did_you_mean(replica, document.regions, f"add {replica} to regions")
            yield Finding(path, shown(replica), f"one of the regions: {listed(document.regions)}", fix)


def replicas_once(document: TopologyDocument) -> Iterator[Finding]:
    """A region holds one replica of a database."""
    for name, database in document.databases.items():
        for at, replica in enumerate(database.replicas):
            if replica in database.replicas[:at]:
                fix = f"remove the second {replica}"
                yield Finding(("databases", name, "replicas"), shown(replica), "each region once", fix)


def replicas_elsewhere(document: TopologyDocument) -> Iterator[Finding]:
    """A replica beside its source is lost with it."""
    for name, database in document.databases.items():
        born_in = compilation.born_in(document, database)
        if born_in in database.replicas and database.kind is not DatasetKind.HOME_REGION:
            allowed = "regions other than the one the database is born in"
            others = [each for each in document.regions if each not in {born_in, *database.replicas}]
            fix = f"remove {born_in}" + (f", or choose {' or '.join(others)}" if others else "")
            yield Finding(("databases", name, "replicas"), shown(born_in), allowed, fix)


def replicas_of_the_writer(document: TopologyDocument) -> Iterator[Finding]:
    """A replica of a replica stands still when the one before it is lost, or is promoted."""
    for name, database in document.databases.items():
        born_in = compilation.born_in(document, database)
        for replica, source in database.follows.items():
            path = ("databases", name, "follows", replica)
            if replica not in database.replicas:
                fix = did_you_mean(replica, database.replicas, f"add {replica} to replicas")
                yield Finding(path, shown(replica), f"one of its replicas: {listed(database.replicas)}", fix)
            elif source != born_in:
                allowed = f"{born_in}, where it is written: {source} has a replica of it, and {replica} would have one "
                fix = f"write {replica}: {born_in}, or remove follows"
                yield Finding(path, shown(source), f"{allowed}of that, which is lost with it", fix)


def standby_that_can_be_replicated(document: TopologyDocument) -> Iterator[Finding]:
    """RDS has no cross-region replicas of Multi-AZ DB clusters (Amazon RDS user guide, their limitations)."""
    for name, database in document.databases.items():
        if database.standby is not Standby.CLUSTER:
            continue
        if database.engine is not Engine.RDS_POSTGRES:
            allowed = f"instance with engine {database.engine}, which has its own way to stand by"
        elif database.replicas:
            allowed = (
                f"instance where there are replicas in other regions ({listed(database.replicas)}): a Multi-AZ DB "
            )
            allowed += "cluster has none, and could not be failed over"
        else:
            allowed = "instance: no stack builds a Multi-AZ DB cluster, which could never have a replica elsewhere"
        yield Finding(("databases", name, "standby"), shown(database.standby), allowed, "write standby: instance")


def home_data_stays(document: TopologyDocument) -> Iterator[Finding]:
    """Data that may not leave its region is not replicated."""
    for name, database in document.databases.items():
        if database.kind is DatasetKind.HOME_REGION and database.replicas:
            allowed = "no replicas where kind is home-region: such data never leaves its region"
            fix = "remove replicas, or write kind: single"
            yield Finding(("databases", name, "replicas"), shown(database.replicas), allowed, fix)


def somewhere_to_fail_over_to(document: TopologyDocument) -> Iterator[Finding]:
    """Automatic failover of a database needs a replica."""
    if document.failover.automation is not Automation.AUTOMATIC:
        return
    for name, database in document.databases.items():
        if database.kind is DatasetKind.SINGLE and not database.replicas:
            allowed = "at least one replica where kind is single and failover.automation is automatic"
            others = [each for each in _lawful(document, database) if each != compilation.born_in(document, database)]
            fix = f"write replicas: [{listed(others)}]" if others else "declare another region of its residency zone"
            yield Finding(
                ("databases", name, "replicas"), "nothing", allowed, f"{fix}, or failover.automation: approve"
            )


def known_residency(document: TopologyDocument) -> Iterator[Finding]:
    """A residency zone is the zone of some region."""
    zones = sorted({region.zone for region in document.regions.values()})
    for name, database in document.databases.items():
        if database.residency is not None and database.residency not in zones:
            fix = did_you_mean(database.residency, zones, "write it at the regions that belong to it")
            allowed = f"a zone of the regions: {listed(zones)}"
            yield Finding(("databases", name, "residency"), shown(database.residency), allowed, fix)


def inside_the_residency(document: TopologyDocument) -> Iterator[Finding]:
    """No copy of a database stands outside its residency zone."""
    for name, database in document.databases.items():
        born_in = compilation.born_in(document, database)
        if born_in not in document.regions:
            continue
        zone = database.residency or document.regions[born_in].zone
        homes = _lawful(document, database)
        if not homes:
            continue
        lawful = [name for name, region in document.regions.items() if region.zone in {zone, *database.also_in}]
        law = f"regions of the residency zone {listed(dict.fromkeys((zone, *database.also_in)))}"
        if born_in not in homes:
            fix = f"write residency: {document.regions[born_in].zone}, or let it be born in {' or '.join(homes)}"
            got = f"{shown(zone)} for a database born in {born_in}"
            yield Finding(
                ("databases", name, "residency"),
                got,
                f"the zone of {born_in}, which is {document.regions[born_in].zone}",
                fix,
            )
        for replica in database.replicas if database.kind is not DatasetKind.HOME_REGION else []:
            if replica in document.regions and replica not in lawful:
                free = [each for each in lawful if each not in {born_in, *database.replicas}]
                fix = f"choose {' or '.join(free)}" if free else f"remove it, or declare another region of {zone}"
                got = f"{shown(replica)}, of the zone {document.regions[replica].zone}"
                home = document.regions[born_in].zone
                allowed = f"{law}, and this is {born_in} ({home}) to {replica} ({document.regions[replica].zone})"
                yield Finding(("databases", name, "replicas"), got, allowed, fix)


def _lawful(document: TopologyDocument, database: DatabaseSection) -> list[str]:
    """Return the regions of the database's residency zone."""
    home = document.regions.get(compilation.born_in(document, database) or "")
    zone = database.residency or (home.zone if home else None)
    return [name for name, region in document.regions.items() if region.zone == zone]


def _replicas(document: TopologyDocument) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, database in document.databases.items():
        for replica in database.replicas:
            yield ("databases", name, "replicas"), replica
