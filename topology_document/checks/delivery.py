"""Checks of how requests reach a region: names that are free, origins that are there, caches that keep to the law."""

from collections.abc import Iterator

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.delivery import DeliverySection

_OURS = ("origin", "lever")


def delivery_names_are_free(document: TopologyDocument) -> Iterator[Finding]:
    """A name is answered in one way: by a route, by the accelerator, or by the content delivery."""
    taken = dict.fromkeys(document.routes, "a route")
    for path, name in _names(document.delivery):
        if name.rsplit(".", maxsplit=1)[-1] in _OURS:
            allowed = f"a name that does not end in {' or '.join(_OURS)}: Lifeboat's own names are there"
            yield Finding(path, shown(name), allowed, "choose another name, such as www")
        elif name in taken:
            yield Finding(path, shown(name), f"a name of its own, and this is {taken[name]}'s", "choose another name")
        taken.setdefault(name, "delivery")


def origins_that_are_there(document: TopologyDocument) -> Iterator[Finding]:
    """Requests go on to the accelerator or to a route; reads are tried again at a route, which follows the levers."""
    delivery = document.delivery
    if delivery is None or delivery.cdn is None:
        return
    names = list(document.routes) + ([delivery.accelerator.name] if delivery.accelerator else [])
    path = ("delivery", "cdn", "origin")
    if delivery.cdn.origin not in names:
        fix = did_you_mean(delivery.cdn.origin, names, "name one of them")
        yield Finding(path, shown(delivery.cdn.origin), f"the accelerator's name or a route: {listed(names)}", fix)
    fallback = delivery.cdn.fallback
    others = [each for each in document.routes if each != delivery.cdn.origin]
    if fallback is not None and fallback not in others:
        fix = did_you_mean(fallback, others, "name one of them, or remove fallback")
        got = ("delivery", "cdn", "fallback")
        yield Finding(got, shown(fallback), f"another route than the origin: {listed(others) or 'there is none'}", fix)


def dials_of_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """Dials are of regions of the product, and some region takes its own users."""
    accelerator = document.delivery.accelerator if document.delivery else None
    if accelerator is None:
        return
    path = ("delivery", "accelerator", "dials")
    for region in accelerator.dials:
        if region not in document.regions:
            fix = did_you_mean(region, document.regions, f"add {region} to regions")
            yield Finding((*path, region), shown(region), f"one of the regions: {listed(document.regions)}", fix)
    if not any(accelerator.dials.get(region, 100) for region in document.regions):
        yield Finding(path, "0 for every region", "at least one region with users", "write 100 for the primary region")


def nothing_of_two_laws_at_once(document: TopologyDocument) -> Iterator[Finding]:
    """An accelerator takes the nearest region of any zone, and an edge location is in no zone at all."""
    zones = sorted({region.zone for region in document.regions.values()})
    delivery = document.delivery
    if delivery is None or len(zones) < 2:
        return
    if delivery.accelerator:
        allowed = f"no accelerator over the residency zones {listed(zones)}: it leads users to the nearest region"
        yield Finding(("delivery", "accelerator"), "one", allowed, "remove it; steering.places leads by zone")
    for name, behavior in (delivery.cdn.behaviors if delivery.cdn else {}).items():
        if behavior.personal and behavior.ttl_seconds:
            allowed = f"0 for answers of one person, where there are the residency zones {listed(zones)}"
            path = ("delivery", "cdn", "behaviors", name, "ttl_seconds")
            yield Finding(path, str(behavior.ttl_seconds), allowed, "write ttl_seconds: 0: edge locations are anywhere")


def paths_of_one_behavior_each(document: TopologyDocument) -> Iterator[Finding]:
    """CloudFront takes the first behavior of a path, so a second one would say nothing."""
    taken: dict[str, str] = {}
    cdn = document.delivery.cdn if document.delivery else None
    for name, behavior in (cdn.behaviors if cdn else {}).items():
        for pattern in behavior.paths:
            if pattern in taken:
                path = ("delivery", "cdn", "behaviors", name, "paths")
                yield Finding(path, shown(pattern), f"each path once, and it is in {taken[pattern]}", "remove one")
            taken.setdefault(pattern, name)


def writers_are_known_to_the_origin(document: TopologyDocument) -> Iterator[Finding]:
    """Where answers are kept, cookies and Authorization reach the origin only if they keep the answers apart."""
    cdn = document.delivery.cdn if document.delivery else None
    for name, behavior in (cdn.behaviors if cdn else {}).items():
        if behavior.writes and behavior.ttl_seconds and not behavior.personal:
            path = ("delivery", "cdn", "behaviors", name, "personal")
            allowed = "true beside writes and a time to live: else no write would say whose it is"
            yield Finding(path, "false", allowed, "write personal: true, or ttl_seconds: 0")


def invalidations_that_cloudfront_takes(document: TopologyDocument) -> Iterator[Finding]:
    """In an invalidation a star stands at the end and nowhere else."""
    cdn = document.delivery.cdn if document.delivery else None
    if cdn is None:
        return
    for trigger in type(cdn.invalidation).model_fields:
        for pattern in getattr(cdn.invalidation, trigger):
            if "*" in pattern[:-1]:
                path = ("delivery", "cdn", "invalidation", trigger)
                fix = f'write "{pattern.split("*")[0]}*"'
                yield Finding(path, shown(pattern), "a path with a star at its end only, or none", fix)


def _names(delivery: DeliverySection | None) -> Iterator[tuple[Path, str]]:
    if delivery is not None and delivery.accelerator is not None:
        yield ("delivery", "accelerator", "name"), delivery.accelerator.name
    if delivery is not None and delivery.cdn is not None:
        for name in delivery.cdn.names:
            yield ("delivery", "cdn", "names"), name
