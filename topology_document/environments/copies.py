"""What has copies in regions, where only some of the regions are left."""

from collections.abc import Collection
from typing import Any

from failover.topology import Role


def copied(declared: dict[str, Any], regions: dict[str, Any], first: str, kept: Collection[str]) -> dict[str, Any]:
    """Return the texts of what has a copy in a region that is kept.

    ``first`` is where it is born that does not say. What is born elsewhere is born where it has a copy, in a region
    that serves from the first day if there is one: a secondary region is deployed after those.
    """
    left = {}
    for name, each in declared.items():
        born_in = each.get("born_in", first)
        copies = [region for region in dict.fromkeys((born_in, *each.get("replicas", ()))) if region in kept]
        if copies:
            ahead = sorted(copies, key=lambda region: (region != born_in, regions[region]["role"] == Role.SECONDARY))
            left[name] = {**each, "born_in": ahead[0], "replicas": ahead[1:]}
    return left
