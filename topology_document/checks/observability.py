"""Checks of what is measured and paid for: regions that exist, logs that stay in their zone, and sensible times."""

from collections.abc import Iterator, Mapping

from failover.topology import Role
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.observability import LogsSection, MetricSection, SearchedIn


def measured_in_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """What is measured, shown or paid for is in a region of the product."""
    for path, region in _places(document):
        if region not in document.regions:
            allowed = f"one of the regions: {listed(document.regions)}"
            yield Finding(
                path, shown(region), allowed, did_you_mean(region, document.regions, "declare it, or remove it")
            )


def logs_stay_in_their_zone(document: TopologyDocument) -> Iterator[Finding]:
    """Logs hold what users did: they are gathered in the zone whose law they are under."""
    zones = {region.zone for region in document.regions.values()}
    for zone, region in _logs(document).gathered_in.items():
        path = ("observability", "logs", "gathered_in", zone)
        if zone not in zones:
            allowed = f"one of the residency zones: {listed(sorted(zones))}"
            yield Finding(path, shown(zone), allowed, did_you_mean(zone, zones, "remove it"))
        elif region in document.regions and document.regions[region].zone != zone:
            inside = [name for name, each in document.regions.items() if each.zone == zone]
            allowed = f"logs of the zone {zone} ({listed(inside)}) stay in it, and {region} is in "
            yield Finding(
                path, shown(region), f"{allowed}{document.regions[region].zone}", f"choose one of {listed(inside)}"
            )


def logs_grow_cold_before_they_go(document: TopologyDocument) -> Iterator[Finding]:
    """The time that logs are kept at all has the hot time in it."""
    logs = _logs(document)
    if logs.kept_days <= logs.hot_days:
        allowed = f"more days than observability.logs.hot_days, which is {logs.hot_days}"
        fix = f"write {logs.hot_days + 365} to keep what is no longer hot for a year"
        yield Finding(("observability", "logs", "kept_days"), shown(logs.kept_days), allowed, fix)


def search_that_has_a_place(document: TopologyDocument) -> Iterator[Finding]:
    """Where nothing is searched, nothing is searched in each region."""
    logs = _logs(document)
    if not logs.search and logs.searched_in is not SearchedIn.GATHERING_REGION:
        allowed = f"{SearchedIn.GATHERING_REGION}, as observability.logs.search is false"
        fix = "remove it, or write observability.logs.search: true"
        yield Finding(("observability", "logs", "searched_in"), shown(str(logs.searched_in)), allowed, fix)


def two_variants_to_compare(document: TopologyDocument) -> Iterator[Finding]:
    """One variant compares with nothing, and an alarm on the worse of two needs two."""
    for name, metric in _metrics(document).items():
        path = ("observability", "metrics", name, "variants")
        if len(metric.variants) == 1 or (metric.worse_percent is not None and not metric.variants):
            got = listed(metric.variants) if metric.variants else "none"
            yield Finding(path, got, "none, or two that are compared", "write both, such as [current, candidate]")


def alarms_of_a_primary_with_copies(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a lag that no copy can have: in the region where everything is written."""
    if document.observability is None:
        return
    for region in document.observability.objectives.lag_ms:
        if region in document.regions and document.regions[region].role is Role.PRIMARY:
            allowed = "the lag of copies, and what is written in the primary region has its writer there"
            path = ("observability", "objectives", "lag_ms", region)
            yield Finding(path, shown(region), allowed, "remove it, if no database is born elsewhere")


def _places(document: TopologyDocument) -> Iterator[tuple[Path, str]]:
    """Each region that a section of ours names, with where."""
    told = document.observability
    if document.costs is not None:
        yield from ((("costs", "regions", region), region) for region in document.costs.regions)
    if told is None:
        return
    top = "observability"
    yield from (((top, "objectives", "lag_ms", region), region) for region in told.objectives.lag_ms)
    if told.grafana is not None:
        yield from (((top, "grafana", "regions"), region) for region in told.grafana.regions)
    if told.prometheus is not None and told.prometheus.federated_in is not None:
        yield (top, "prometheus", "federated_in"), told.prometheus.federated_in
    for zone, region in _logs(document).gathered_in.items():
        yield (top, "logs", "gathered_in", zone), region
    for name, metric in told.metrics.items():
        yield from (((top, "metrics", name, "above", region), region) for region in metric.above)
        yield from (((top, "metrics", name, "below", region), region) for region in metric.below)


def _logs(document: TopologyDocument) -> LogsSection:
    told = document.observability
    return told.logs if told is not None and told.logs is not None else LogsSection()


def _metrics(document: TopologyDocument) -> Mapping[str, MetricSection]:
    return document.observability.metrics if document.observability is not None else {}
