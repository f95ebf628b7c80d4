"""Checks of what moves with a database: databases declared together, and workers that obey its lease."""

from collections.abc import Iterator

from failover.topology import DatasetKind
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.sections import DatabaseSection


def groups_that_can_move(document: TopologyDocument) -> Iterator[Finding]:
    """Only data with one writer moves."""
    for word, group in _groups(document).items():
        for name, database in group.items():
            if database.kind is not DatasetKind.SINGLE:
                allowed = f"databases of kind single only, and this one is {database.kind}"
                yield Finding(("databases", name, "together"), shown(word), allowed, "remove together")


def groups_with_a_region_in_common(document: TopologyDocument) -> Iterator[Finding]:
    """They can move together only to a region that holds a replica of each; of one zone they are by themselves."""
    for word, group in _groups(document).items():
        common = set.intersection(*(set(database.replicas) for database in group.values()))
        if not common and all(database.replicas for database in group.values()):
            allowed = f"a region in common with {listed(name for name in group)}, which move together ({word})"
            *_, last = group
            wanted = next(iter(group.values())).replicas[0]
            got = shown(group[last].replicas)
            yield Finding(("databases", last, "replicas"), got, allowed, f"add {wanted}, or remove together")


def groups_of_several(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a word that only one database has: it moves alone all the same."""
    for word, group in _groups(document).items():
        if len(group) == 1:
            (name,) = group
            words = sorted(set(_groups(document)) - {word})
            fix = did_you_mean(word, words, "give it to another database too, or remove it")
            yield Finding(("databases", name, "together"), shown(word), "a word that two databases share", fix)


def workers_of_known_databases(document: TopologyDocument) -> Iterator[Finding]:
    """A worker obeys the lease of a database that has one."""
    for name, worker in document.workers.items():
        path, database = ("workers", name, "database"), document.databases.get(worker.database)
        if database is None:
            fix = did_you_mean(worker.database, document.databases, f"add {worker.database} to databases")
            yield Finding(path, shown(worker.database), f"one of the databases: {listed(document.databases)}", fix)
        elif database.kind is not DatasetKind.SINGLE:
            allowed = f"a database of kind single, and this one is {database.kind}: it has no lease"
            singles = [each for each, told in document.databases.items() if told.kind is DatasetKind.SINGLE]
            fix = f"choose {' or '.join(singles)}" if singles else "declare a database of kind single"
            yield Finding(path, shown(worker.database), allowed, fix)


def _groups(document: TopologyDocument) -> dict[str, dict[str, DatabaseSection]]:
    groups: dict[str, dict[str, DatabaseSection]] = {}
    for name, database in document.databases.items():
        if database.together is not None:
            groups.setdefault(database.together, {})[name] = database
    return groups
