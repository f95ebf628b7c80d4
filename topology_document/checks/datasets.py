"""Checks of kinds of data: what must stay in its zone is copied nowhere else, and what leaves it is said to."""

from collections.abc import Iterator

from topology_document.compilation import born_in
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.sections import DatabaseSection


def datasets_of_known_databases(document: TopologyDocument) -> Iterator[Finding]:
    """A kind of data is kept in databases of the product."""
    for name, dataset in document.datasets.items():
        for database in dataset.databases:
            if database not in document.databases:
                fix = did_you_mean(database, document.databases, f"add {database} to databases")
                allowed = f"one of the databases: {listed(document.databases)}"
                yield Finding(("datasets", name, "databases"), shown(database), allowed, fix)


def other_zones_that_there_are(document: TopologyDocument) -> Iterator[Finding]:
    """A database may be held in other zones of the product's regions, beside its own."""
    zones = {region.zone for region in document.regions.values()}
    for name, database in document.databases.items():
        home = _home(document, database)
        for zone in database.also_in:
            if zone == home or zone not in zones:
                others = sorted(zones - {home or ""})
                allowed = f"zones of the regions beside its own: {listed(others) or 'there is none'}"
                yield Finding(
                    ("databases", name, "also_in"), shown(zone), allowed, did_you_mean(zone, others, f"remove {zone}")
                )


def kept_data_stays(document: TopologyDocument) -> Iterator[Finding]:
    """A copy in another zone is a copy of all that the database holds: one kind that must stay keeps it at home."""
    for name, database in document.databases.items():
        birth, kept = born_in(document, database), _held(document, name, replicate=False)
        if not kept or birth not in document.regions:
            continue
        home = _home(document, database)
        for replica in database.replicas:
            region = document.regions.get(replica)
            if region is not None and region.zone != home and region.zone in database.also_in:
                allowed = (
                    f"copies in the residency zone {home} only, and this is {birth} ({home}) to {replica} "
                    f"({region.zone}): it holds {listed(kept)}, which datasets says is not replicated"
                )
                fix = f"remove {replica} from replicas, or keep {listed(kept)} in a database of its own"
                yield Finding(("databases", name, "replicas"), shown(replica), allowed, fix)


def what_leaves_is_declared(document: TopologyDocument) -> Iterator[Finding]:
    """Data that nobody has spoken of does not leave its zone."""
    for name, database in document.databases.items():
        declared = any(name in dataset.databases for dataset in document.datasets.values())
        if database.also_in and not declared:
            allowed = f"no other zone beside {_home(document, database)} for data that datasets does not name"
            fix = f"name what {name} holds in datasets with replicate: true, or remove also_in"
            yield Finding(("databases", name, "also_in"), shown(database.also_in), allowed, fix)


def _held(document: TopologyDocument, database: str, *, replicate: bool) -> list[str]:
    return [
        name
        for name, dataset in document.datasets.items()
        if database in dataset.databases and dataset.replicate is replicate
    ]


def _home(document: TopologyDocument, database: DatabaseSection) -> str | None:
    region = document.regions.get(born_in(document, database) or "")
    return database.residency or (region.zone if region else None)
