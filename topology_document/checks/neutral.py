"""Checks of the neutral places: what tells an observer whether it can see must not fail with what it observes."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from topology_document.compilation import neutral
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, listed, shown
from topology_document.regions import AWS_REGIONS

_PATH: Final = ("observation", "neutral")
_GLOBAL_SERVICES: Final = "us-east-1"
"""A name of AWS without a region (``sts.amazonaws.com``) is served from here, or depends on it."""


def some_neutral_place(document: TopologyDocument) -> Iterator[Finding]:
    """The default may leave none: the quorum store may lie in the product's own regions."""
    if not neutral(document):
        allowed = "a neutral place: by default the quorum store's, and all of them are in regions of the product"
        yield Finding(_PATH, "nothing", allowed, f"write neutral: [{_elsewhere(document)}] or so")


def more_than_one_neutral_place(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a single neutral place: when it fails, every observer is blind."""
    places = neutral(document)
    if len(places) == 1:
        allowed = "two or more: when the only one fails, every observer takes itself for blind"
        yield Finding(_PATH, shown(places[0]), allowed, f"add another, such as {_elsewhere(document)}")


def neutral_places_once(document: TopologyDocument) -> Iterator[Finding]:
    """The same place twice is one place."""
    places = document.observation.neutral or []
    for at, place in enumerate(places):
        if place in places[:at]:
            yield Finding(_PATH, shown(place), "each place once", "remove the second")


def outside_the_product(document: TopologyDocument) -> Iterator[Finding]:
    """A place inside an observed region, or of the product itself, fails together with what is observed."""
    for place in document.observation.neutral or []:
        host = urlsplit(place).hostname or ""
        region = _region_of(host)
        if region in document.regions:
            allowed = f"a place outside the product's regions ({listed(document.regions)}), and this is in {region}"
            yield Finding(_PATH, shown(place), allowed, f"choose another, such as {_elsewhere(document)}")
        elif host == document.domain or host.endswith(f".{document.domain}"):
            allowed = f"a place outside the product, and this is a name of {document.domain}"
            yield Finding(_PATH, shown(place), allowed, f"choose another, such as {_elsewhere(document)}")


def _region_of(host: str) -> str | None:
    labels = host.split(".")
    named = next((label for label in labels if label in AWS_REGIONS), None)
    return named or (_GLOBAL_SERVICES if labels[-2:] == ["amazonaws", "com"] else None)


def _elsewhere(document: TopologyDocument) -> str:
    used = {*document.regions, *(_region_of(urlsplit(each).hostname or "") for each in neutral(document))}
    free = next((each for each in ("eu-west-3", "us-west-2", *AWS_REGIONS) if each not in used), "us-west-2")
    return f"https://dynamodb.{free}.amazonaws.com/ping"
