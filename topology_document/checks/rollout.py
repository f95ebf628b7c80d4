"""Checks of how a version comes to users: to every region once, with room for a second colour's name."""

from collections.abc import Iterator
from typing import Final

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.infrastructure.environment import Environment

LONGEST_GROUP: Final = 32
"""Of a target group's name (Elastic Load Balancing API reference, CreateTargetGroup)."""


def rolled_out_to_every_region(document: TopologyDocument) -> Iterator[Finding]:
    """A region that is left out would keep the old version for ever."""
    if document.rollout is None:
        return
    path, order = ("rollout", "order"), document.rollout.order
    ours = [name for name, region in document.regions.items() if region.site is None]
    for at, region in enumerate(order):
        if region not in ours:
            fix = did_you_mean(region, ours, f"add {region} to regions")
            yield Finding(path, shown(region), f"one of the regions: {listed(ours)}", fix)
        elif region in order[:at]:
            yield Finding(path, shown(region), "each region once", f"remove the second {region}")
    left = [each for each in ours if each not in order]
    if left:
        yield Finding(path, listed(order), f"every region of AWS: {listed(ours)}", f"add {listed(left)}")


def colours_with_names(document: TopologyDocument) -> Iterator[Finding]:
    """The second colour's target group is named after the product, in staging too."""
    if document.rollout is None or not document.services:
        return
    longest = f"{document.name}-{Environment.STAGING}-green"
    if document.environment is Environment.PRODUCTION and len(longest) > LONGEST_GROUP:
        allowed = f"at most {LONGEST_GROUP} characters for {longest}, which has {len(longest)}"
        yield Finding(("name",), shown(document.name), allowed, "choose a shorter name, or remove rollout")


def users_to_turn(document: TopologyDocument) -> Iterator[Finding]:
    """Two colours are two sets of services."""
    if document.rollout is not None and not document.services:
        yield Finding(("rollout",), "one without services", "it beside services", "declare the services, or remove it")
