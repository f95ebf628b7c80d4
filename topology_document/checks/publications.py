"""Checks of publications: between which databases, and that nothing which leads to a person is in one."""

from collections.abc import Iterator

from failover.topology import DatasetKind, Engine
from topology_document import compilation
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.infrastructure.publications import PublicationSection, PublishedTable


def ends_that_stay(document: TopologyDocument) -> Iterator[Finding]:
    """Both ends are databases that never move: a subscription writes past the gate of one that does."""
    for name, publication in document.publications.items():
        for key in ("databases", "subscribers"):
            path = ("publications", name, key)
            for database in getattr(publication, key) or []:
                if database not in document.databases:
                    fix = did_you_mean(database, document.databases, f"add {database} to databases")
                    yield Finding(path, shown(database), f"one of the databases: {listed(document.databases)}", fix)
                elif (kind := document.databases[database].kind) is not DatasetKind.HOME_REGION:
                    allowed = f"databases of kind home-region, and this one is {kind}: a subscription passes its gate"
                    yield Finding(path, shown(database), allowed, "choose another, or write kind: home-region")
                elif (engine := document.databases[database].engine) is not Engine.SELF_MANAGED_POSTGRES:
                    allowed = f"databases with engine postgres, whose names are known everywhere, and this is {engine}"
                    yield Finding(path, shown(database), allowed, "choose another, or write engine: postgres")


def two_ends(document: TopologyDocument) -> Iterator[Finding]:
    """Somebody receives what is published."""
    for name, publication in document.publications.items():
        if len({*publication.databases, *publication.receivers}) < 2:
            allowed = "two databases or more: nothing is published to itself"
            yield Finding(("publications", name, "databases"), shown(publication.databases), allowed, "name another")


def nothing_personal_leaves(document: TopologyDocument) -> Iterator[Finding]:
    """I4 for columns: what leads to a person is in no publication, neither as a value nor as a condition."""
    for name, publication in document.publications.items():
        for table, each in publication.tables.items():
            for key, used in _used(each):
                for column in used:
                    if column in each.personal:
                        allowed = (
                            f"columns that lead to no person: {column} is personal, {_ends(document, publication)}"
                        )
                        fix = f"remove {column} here, and publish what stands for no person instead"
                        yield Finding(("publications", name, "tables", table, key), shown(column), allowed, fix)


def identity_is_published(document: TopologyDocument) -> Iterator[Finding]:
    """What tells rows apart, and what chooses them, must be published: PostgreSQL refuses updates else."""
    for name, publication in document.publications.items():
        for table, each in publication.tables.items():
            for key, used in _used(each):
                for column in used:
                    if column not in each.columns and column not in each.personal:
                        path = ("publications", name, "tables", table, key)
                        allowed = f"one of the published columns: {listed(each.columns)}"
                        yield Finding(path, shown(column), allowed, f"add {column} to columns")


def _used(table: PublishedTable) -> list[tuple[str, list[str]]]:
    return [
        ("key", table.key),
        ("columns", table.columns),
        ("home", [table.home] if table.home else []),
        ("where", list(table.where)),
    ]


def _ends(document: TopologyDocument, publication: PublicationSection) -> str:
    """Return ``and would go from FR (eu-west-3) to IE (eu-west-1)`` for the first two ends."""
    source = publication.databases[0]
    target = next((each for each in publication.receivers if each != source), source)
    return f"and would go from {_zone(document, source)} to {_zone(document, target)}"


def _zone(document: TopologyDocument, database: str) -> str:
    declared = document.databases.get(database)
    region = (compilation.born_in(document, declared) if declared else None) or "nowhere"
    zone = document.regions[region].zone if region in document.regions else "no zone"
    return f"zone {zone} ({database} in {region})"
