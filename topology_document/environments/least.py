"""The least that runs: one way out, small nodes, one of everything that production has several of."""

from typing import Any, Final

from failover.topology import Engine
from topology_document.infrastructure.compute import is_arm
from topology_document.infrastructure.network import Nat

SMALL_DATABASE: Final = "db.t4g.medium"
SMALL_CACHE: Final = "cache.t4g.small"
SMALL_NODES: Final = {True: ["t4g.large"], False: ["t3.large"]}
NOT_NEEDED: Final = ("delivery", "backups", "steering", "costs", "notices", "rollout", "experiments")
"""What makes a product fast for many, and safe for long; a developer's needs none of it."""


def least(values: dict[str, Any]) -> dict[str, Any]:
    """Return a text of one region with the smallest of everything."""
    values = {key: each for key, each in values.items() if key not in NOT_NEEDED}
    for region in values["regions"].values():
        region |= {"nodes": 1, "most_nodes": 2}
        region.pop("needed_nodes", None)
    for database in values["databases"].values():
        database["storage_gib"] = 20
        if database["engine"] != Engine.AURORA_POSTGRES:
            database["instance_class"] = SMALL_DATABASE
    for kept in values.get("upkeep", {}).values():
        kept.pop("most_storage_gib", None)
    for cache in values.get("caches", {}).values():
        cache["node_type"] = SMALL_CACHE
    values["network"] = {**values.get("network", {}), "nat": Nat.ONE.value}
    compute = values.get("compute")
    if compute is not None:
        arm = is_arm(compute.get("instance_types", ["m7g.large"])[0])
        compute["instance_types"] = SMALL_NODES[arm]
        if "spot" in compute:
            compute["spot"] |= {"nodes": 0, "most_nodes": 1}
    for service in values.get("services", {}).values():
        service |= {"critical": False, "least_replicas": 1, "most_replicas": 2}
    observability = values.get("observability", {})
    observability.pop("grafana", None)
    if "logs" in observability:
        observability["logs"]["search"] = False
        observability["logs"].pop("searched_in", None)
    values["routes"] = {name: each for name, each in values["routes"].items() if each.get("policy") != "geolocation"}
    return values
