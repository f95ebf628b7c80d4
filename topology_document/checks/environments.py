"""Checks of where the environments beside production stand: in regions of the product, in one, or in enough of them."""

from collections.abc import Iterator

from failover.topology import Automation, DatasetKind, Role
from topology_document.compilation import born_in
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.environment import Environment


def environments_in_the_products_regions(document: TopologyDocument) -> Iterator[Finding]:
    """An environment is made of what the document says of its regions; of a primary site, there is one near it."""
    ours, near = _of_aws(document), list(_primary_sites(document).values())
    several = {environment: regions for environment, _, regions in _several(document)}
    for environment, stands in document.environments.items():
        each_of_them = several.get(environment, ())
        named = [("region", stands.region, ours + near), *(("regions", each, ours) for each in each_of_them)]
        for key, region, known in named:
            if region is not None and region not in known:
                fix = did_you_mean(region, known, f"add {region} to regions, or remove it here")
                allowed = f"one of the product's regions of AWS: {listed(known) or 'it has none'}"
                yield Finding(("environments", environment.value, key), shown(region), allowed, fix)


def several_regions_without_a_site(document: TopologyDocument) -> Iterator[Finding]:
    """Several regions have the primary one among them, which no environment has if it is a site."""
    for site, near in _primary_sites(document).items():
        for _, path, regions in _lists_of_regions(document):
            allowed = f"region alone: the primary region, {site}, is a site, which no environment has"
            yield Finding(path, shown(regions), allowed, f"write region: {near}")


def several_regions_of_staging(document: TopologyDocument) -> Iterator[Finding]:
    """Staging is a mirror in two regions or more, each once, with the one that is born primary."""
    primaries = [name for name, region in document.regions.items() if region.role is Role.PRIMARY]
    for environment, path, regions in _several(document):
        said = shown(regions)
        others = [name for name in _of_aws(document) if name not in regions]
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
    ours = _of_aws(document)
    for _, path, regions in _several(document):
        for name, database in document.databases.items():
            # What stands at sites is never in staging, and is not missed there.
            copies = [each for each in (born_in(document, database), *database.replicas) if each in ours]
            left = [each for each in copies if each in regions]
            if database.kind is DatasetKind.SINGLE and copies and len(left) < 2 and len(regions) > 1:
                missing = [each for each in copies if each not in left]
                has, add = (f"{left[0]} alone", " or ".join(missing)) if left else ("none", f"two of {listed(missing)}")
                allowed = f"two regions or more of a database that moves by itself, and {name} has {has}"
                yield Finding(path, shown(regions), allowed, f"add {add}")


def _of_aws(document: TopologyDocument) -> list[str]:
    return [name for name, region in document.regions.items() if region.site is None]


def _primary_sites(document: TopologyDocument) -> dict[str, str]:
    """Return the region of AWS near each primary region that is a site."""
    return {name: each.site.near for name, each in document.regions.items() if each.site and each.role is Role.PRIMARY}


def _several(document: TopologyDocument) -> Iterator[tuple[Environment, Path, list[str]]]:
    """Yield the lists that can be mended; where the primary region is a site there is none."""
    return iter(()) if _primary_sites(document) else _lists_of_regions(document)


def _lists_of_regions(document: TopologyDocument) -> Iterator[tuple[Environment, Path, list[str]]]:
    for environment, stands in document.environments.items():
        if stands.regions is not None:
            yield environment, ("environments", environment.value, "regions"), stands.regions
