"""Whether a DynamoDB table can be the quorum store: strongly consistent over three places, or not at all.

A global table with eventual consistency lets the last writer win: two control regions could each win the same
conditional write, in two replicas. ``DescribeTable`` says which kind a table is (API reference, TableDescription).
"""

from collections.abc import Mapping
from typing import Any, Final

from failover.errors import StoreUnfitError

PLACES: Final = 3
"""A strongly consistent global table has exactly so many: three replicas, or two and a witness."""


def require_strong(name: str, answer: Mapping[str, Any]) -> None:
    """Check what ``DescribeTable`` answered.

    Raises:
        StoreUnfitError: it is no global table with multi-Region strong consistency in three places.
    """
    table = answer["Table"]
    consistency = table.get("MultiRegionConsistency", "none: it is no global table, or an eventual one")
    if consistency != "STRONG":
        raise StoreUnfitError(
            f"{name}: MultiRegionConsistency is {consistency}; it must be STRONG, or the last writer would win: "
            "deploy the quorum stack, which makes such a table, and let no other have its name"
        )
    # Whether the region that answers is among its own replicas in the description is not said; count it once.
    own = table["TableArn"].split(":")[3]
    replicas = {own, *(each["RegionName"] for each in table.get("Replicas", ()))}
    witnesses = {each["RegionName"] for each in table.get("GlobalTableWitnesses", ())}
    if len(replicas | witnesses) < PLACES:
        raise StoreUnfitError(
            f"{name}: it has {len(replicas)} replicas ({', '.join(sorted(replicas))}) and {len(witnesses)} witnesses; "
            f"it must have {PLACES} places, so that one of them may be lost"
        )
