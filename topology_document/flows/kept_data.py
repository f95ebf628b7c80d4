"""What goes from region to region since it is kept in several: databases, caches, tables, objects, models, backups."""

from collections.abc import Iterator

from failover.topology import CacheTier, DatasetKind, Role
from topology_document import compilation
from topology_document.findings import Path
from topology_document.flows.flow import Flow, FlowKind, Product
from topology_document.infrastructure.backups import BackupsSection
from topology_document.infrastructure.models import ModelSection
from topology_document.infrastructure.objects import BucketSection
from topology_document.infrastructure.publications import PublicationSection
from topology_document.infrastructure.tables import TableSection
from topology_document.sections import CacheSection, DatabaseSection


def of_database(database: DatabaseSection, path: Path, product: Product) -> Iterator[Flow]:
    """A replica is a copy of everything; of data that never moves there is none."""
    source = compilation.born_in(product.document, database)
    if source is None or database.kind is DatasetKind.HOME_REGION:
        return
    home = product.place(source)
    lawful = tuple(filter(None, (database.residency or home.zone, *database.also_in)))
    for replica in database.replicas:
        yield Flow(FlowKind.REPLICATION, path[-1], (*path, "replicas"), home, product.place(replica), lawful)


def of_cache(cache: CacheSection, path: Path, product: Product) -> Iterator[Flow]:
    """A regional cache is filled where it stands; any other tier is copied from where it was born."""
    source = cache.born_in or _primary(product)
    if cache.tier is CacheTier.NEIGHBOUR:
        for owner, neighbour in cache.neighbours.items():
            ends = owner, neighbour
            yield product.flow(FlowKind.CACHE, path[-1], (*path, "neighbours", owner), ends, personal=True)
        return
    if cache.tier is CacheTier.REGIONAL or source is None:
        return
    others = [each for each in product.regions if each != source] if cache.replicas is None else cache.replicas
    for replica in others:
        ends = source, replica
        yield product.flow(FlowKind.CACHE, path[-1], (*path, "replicas"), ends, personal=True)


def of_table(table: TableSection, path: Path, product: Product) -> Iterator[Flow]:
    """Each region's items go to all the others; from where the table was born is enough to be judged."""
    if source := table.born_in or _primary(product):
        for replica in table.replicas:
            ends = source, replica
            yield product.flow(FlowKind.TABLE, path[-1], (*path, "replicas"), ends, personal=True)


def of_bucket(bucket: BucketSection, path: Path, product: Product) -> Iterator[Flow]:
    """Objects of persons are copied inside their zone alone, whichever regions have the bucket."""
    regions = bucket.regions or product.regions
    for source in regions if bucket.copied else []:
        for target in regions:
            apart = product.place(source).zone != product.place(target).zone
            if target != source and not (apart and bucket.personal_data):
                ends = source, target
                yield product.flow(FlowKind.OBJECTS, path[-1], (*path, "regions"), ends, personal=bucket.personal_data)


def of_model(model: ModelSection, path: Path, product: Product) -> Iterator[Flow]:
    """A version goes from where it is published to where it is used."""
    if source := model.source or _primary(product):
        for user in model.order:
            if user != source:
                ends = source, user
                yield product.flow(FlowKind.MODEL, path[-1], (*path, "order"), ends, personal=model.personal_data)


def of_backups(backups: BackupsSection, path: Path, product: Product) -> Iterator[Flow]:
    """A backup has everything in it."""
    for source, target in backups.copies.items():
        where = (*path, "copies", source)
        yield product.flow(FlowKind.BACKUP, "backups", where, (source, target), personal=True)


def of_publication(publication: PublicationSection, path: Path, product: Product) -> Iterator[Flow]:
    """Published columns lead to no person: that is a check of its own, column by column."""
    for one in publication.databases:
        for other in publication.receivers:
            source, target = _home(one, product), _home(other, product)
            if one != other and source is not None and target is not None:
                where = (*path, "databases")
                yield product.flow(FlowKind.PUBLICATION, path[-1], where, (source, target), personal=False)


def _home(database: str, product: Product) -> str | None:
    declared = product.document.databases.get(database)
    return compilation.born_in(product.document, declared) if declared is not None else None


def _primary(product: Product) -> str | None:
    return next((name for name, region in product.document.regions.items() if region.role is Role.PRIMARY), None)
