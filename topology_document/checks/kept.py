"""Checks of buckets, tables, models and backups: in regions that there are, and copied inside their zone only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from failover.topology import Role
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.tables import ConflictPolicy
from topology_document.sections import RegionSection

OWN_BUCKETS: Final = ("models", "access-logs", "own-access-logs")
LONGEST_BUCKET: Final = 63


@dataclass(frozen=True, slots=True)
class Copied:
    """What is copied between regions: where the document says it, from where to where, and what it is."""

    path: Path
    source: str
    to: str
    what: str


def kept_in_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """What is kept is kept in regions of the product, which are AWS's."""
    ours = {name: region for name, region in document.regions.items() if region.site is None}
    for path, region in _places(document):
        if region not in ours:
            allowed = f"one of the regions: {listed(ours)}"
            yield Finding(path, shown(region), allowed, did_you_mean(region, ours, f"add {region} to regions"))


def kept_once(document: TopologyDocument) -> Iterator[Finding]:
    """A list of regions names each once."""
    for path, regions in _lists(document):
        for at, region in enumerate(regions):
            if region in regions[:at]:
                yield Finding(path, shown(region), "each region once", f"remove {region} from {path[-1]}")


def copies_stay_in_their_zone(document: TopologyDocument) -> Iterator[Finding]:
    """Tables, models with personal data and backups are copied inside one residency zone."""
    for each in _copied(document):
        home, there = document.regions.get(each.source), document.regions.get(each.to)
        if home is None or there is None or home.zone == there.zone:
            continue
        inside = [name for name in _zone(document.regions, home.zone) if name != each.source]
        allowed = (
            f"{each.what} of the residency zone {home.zone} stays in it, and this is {each.source} ({home.zone}) "
            f"to {each.to} ({there.zone})"
        )
        fix = f"choose {listed(inside)}" if inside else f"remove {each.to}, or declare another region of {home.zone}"
        yield Finding(each.path, shown(each.to), allowed, fix)


def latest_of_each_region(document: TopologyDocument) -> Iterator[Finding]:
    """The application's times decide among items that each region writes for itself, so there must be one for each."""
    for name, table in document.tables.items():
        if table.conflict is ConflictPolicy.TIMESTAMP and table.sort_key is None:
            allowed = "a sort key with conflict: timestamp, since each region writes an item of its own behind it"
            yield Finding(("tables", name, "sort_key"), "nothing", allowed, "write sort_key: writer")
        if table.sort_key == table.partition_key:
            allowed = "another attribute than partition_key"
            yield Finding(("tables", name, "sort_key"), shown(table.sort_key), allowed, "name another one")


def buckets_that_s3_takes(document: TopologyDocument) -> Iterator[Finding]:
    """A bucket's name is free and short enough, and its objects grow old in the right order."""
    for name, bucket in document.buckets.items():
        path: Path = ("buckets", name)
        if name in OWN_BUCKETS:
            yield Finding(path, shown(name), f"a name that is not {listed(OWN_BUCKETS)}", "choose another name")
        for region in bucket.regions or document.regions:
            whole = f"{document.name}-{name}-{document.account}-{region}"
            if len(whole) > LONGEST_BUCKET:
                allowed = f"at most {LONGEST_BUCKET} characters for {whole}, which has {len(whole)}"
                yield Finding(path, shown(name), allowed, "choose a shorter name")
                break
        ages = {"tier_after_days": bucket.tier_after_days, "expire_days": bucket.expire_days}
        yield from _older(path, ages)
        yield from _older(
            path,
            {
                "archive_after_days": bucket.archive_after_days,
                "deep_archive_after_days": bucket.deep_archive_after_days,
            },
        )


def shares_that_grow(document: TopologyDocument) -> Iterator[Finding]:
    """Each step gives a candidate more than the one before, and none gives it all."""
    for name, model in document.models.items():
        steps = [0, *model.shares, 100]
        if any(after <= before for before, after in pairwise(steps)):
            allowed = "per cents from 1 to 99 that grow from step to step"
            yield Finding(("models", name, "shares"), shown(model.shares), allowed, "write shares: [10, 50]")
        for region in model.tiers:
            if region in document.regions and region not in model.order:
                path = ("models", name, "tiers", region)
                fix = did_you_mean(region, model.order, f"add {region} to order")
                yield Finding(path, shown(region), f"a region that uses the model: {listed(model.order)}", fix)


def _places(document: TopologyDocument) -> Iterator[tuple[Path, str]]:
    for path, regions in _lists(document):
        yield from ((path, region) for region in regions)
    for name, table in document.tables.items():
        if table.born_in is not None:
            yield ("tables", name, "born_in"), table.born_in
    for name, model in document.models.items():
        if model.source is not None:
            yield ("models", name, "source"), model.source
        yield from ((("models", name, "tiers", region), region) for region in model.tiers)
    for source, to in (document.backups.copies if document.backups else {}).items():
        yield ("backups", "copies", source), source
        yield ("backups", "copies", source), to


def _lists(document: TopologyDocument) -> Iterator[tuple[Path, list[str]]]:
    for name, bucket in document.buckets.items():
        yield ("buckets", name, "regions"), bucket.regions or []
    for name, table in document.tables.items():
        yield ("tables", name, "replicas"), table.replicas
    for name, model in document.models.items():
        yield ("models", name, "order"), model.order


def _copied(document: TopologyDocument) -> Iterator[Copied]:
    primary = next((name for name, each in document.regions.items() if each.role is Role.PRIMARY), "")
    for name, table in document.tables.items():
        path = ("tables", name, "replicas")
        yield from (Copied(path, table.born_in or primary, to, "a table") for to in table.replicas)
    for name, model in document.models.items():
        if model.personal_data:
            path = ("models", name, "order")
            what = "a model with personal_data"
            yield from (Copied(path, model.source or primary, to, what) for to in model.order)
    for source, to in (document.backups.copies if document.backups else {}).items():
        yield Copied(("backups", "copies", source), source, to, "a backup")


def _zone(regions: Mapping[str, RegionSection], zone: str) -> Iterable[str]:
    return [name for name, region in regions.items() if region.zone == zone and region.site is None]


def _older(path: Path, ages: Mapping[str, int | None]) -> Iterator[Finding]:
    (first, young), (second, old) = ages.items()
    if young is not None and old is not None and old <= young:
        yield Finding((*path, second), shown(old), f"more than {first}, which is {young}", f"write {young + 90}")
