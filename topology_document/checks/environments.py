"""Checks of where the environments beside production stand: in regions of the product, in one, or in enough of them."""

from collections.abc import Iterator

from failover.topology import Automation, DatasetKind, Role
from topology_document.compilation import born_in
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.environment import Environment


def environments_in_the_products_regions(document: TopologyDocument) -> Iterator[Finding]:
    """An environment is made of what the document says of its regions; of a primary site, there is one near it."""
    ours = [name for name, region in document.regions.items() if region.site is None]
    near = [each.site.near for each in document.regions.values() if each.site and each.role is Role.PRIMARY]
    for environment, stands in document.environments.items():
        named = [("region", stands.region, ours + near), *(("regions", each, ours) for each in stands.regions or ())]
        for key, region, known in named:
            if region is not None and region not in known:
                fix = did_you_mean(region, known, f"add {region} to regions, or remove it here")
                allowed = f"one of the product's regions of AWS: {listed(known) or 'it has none'}"
                yield Finding(("environments", environment.value, key), shown(region), allowed, fix)


def several_regions_of_staging(document: TopologyDocument) -> Iterator[Finding]:
    """Staging is a mirror in two regions or more, each once, with the one that is born primary."""
    primaries = [name for name, region in document.regions.items() if region.role is Role.PRIMARY]
    for environment, path, regions in _several(document):
        said = shown(regions)
        others = [name for name, each in document.regions.items() if each.site is None and name not in regions]
        if environment is not Environment.STAGING:
            fix = f"write region: {regions[0]}" if regions else "remove it"
            yield Finding(path, said, f"region alone: {environment} never has several", fix)
            continue
        if document.environments[environment].region is not None:
            yield Finding(path, said, "one of region and regions", "remove region, or regions")
        for region in dict.fromkeys(each for at, each in enumerate(regions) if each in regions[:at]):
            yield Finding(path, shown(region), "each region once", f"remove the second {region}")
        if len(set(regions)) < 2:
            add = f"add {' or '.join(others)}, or " if others else ""
            one = f"write region: {regions[0]}" if regions else "remove it"
            yield Finding(path, said, "two regions or more: one alone is region", f"{add}{one}")
        elif not set(primaries) <= set(regions):
            fix = f"add {listed(primaries)}, or write region for a staging of one region"
            yield Finding(path, said, f"regions with the primary one, {listed(primaries)}, among them", fix)


def staging_where_data_can_move(document: TopologyDocument) -> Iterator[Finding]:
    """What fails over by itself in production does so in a staging of several regions, of which it needs two."""
    if document.failover.automation is not Automation.AUTOMATIC:
        return
    for _, path, regions in _several(document):
        for name, database in document.databases.items():
            copies = [born_in(document, database), *database.replicas]
            left = [each for each in copies if each in regions]
            if database.kind is DatasetKind.SINGLE and len(left) == 1 and len(regions) > 1:
                missing = " or ".join(each for each in copies if each is not None and each not in left)
                allowed = f"two regions or more of a database that moves by itself, and {name} has {left[0]} alone"
                yield Finding(path, shown(regions), allowed, f"add {missing}")


def _several(document: TopologyDocument) -> Iterator[tuple[Environment, Path, list[str]]]:
    for environment, stands in document.environments.items():
        if stands.regions is not None:
            yield environment, ("environments", environment.value, "regions"), stands.regions
