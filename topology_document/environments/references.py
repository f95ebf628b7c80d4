"""What names a thing that is gone goes with it, or no longer names it."""

from collections.abc import Container
from typing import Any


def without_references(values: dict[str, Any]) -> dict[str, Any]:
    """Return a document's text in which nothing names a database, route, service or cache that is not there."""
    values = dict(values)
    values["routes"] = {name: each for name, each in values["routes"].items() if _leads(name, values)}
    _of_databases(values)
    _of_routes(values)
    services = values.get("services", {})
    for service in services.values():
        _keep(service, "calls", services)
        if service.get("reached_by") not in values["routes"]:
            service.pop("reached_by", None)
        _keep(service, "databases", values["databases"])
        _keep(service, "caches", values.get("caches") or {"cache"})
        for key in ("tables", "buckets", "models"):
            _keep(service, key, values.get(key, {}))
    return values


def _of_databases(values: dict[str, Any]) -> None:
    databases = values["databases"]
    for key in ("hosts", "upkeep"):
        _only(values, key, databases)
    for dataset in values.get("datasets", {}).values():
        _keep(dataset, "databases", databases)
    values["datasets"] = {name: each for name, each in values.get("datasets", {}).items() if each["databases"]}
    values["workers"] = {
        name: each for name, each in values.get("workers", {}).items() if each["database"] in databases
    }
    for publication in values.get("publications", {}).values():
        for key in ("databases", "subscribers"):
            _keep(publication, key, databases)
    values["publications"] = {
        name: each
        for name, each in values.get("publications", {}).items()
        if each["databases"] and len({*each["databases"], *each.get("subscribers", [])}) > 1
    }


def _of_routes(values: dict[str, Any]) -> None:
    routes = values["routes"]
    for key in ("notices", "recovery", "steering"):
        _only(values, key, routes)
    for name, steering in values.get("steering", {}).items():
        if "places" in steering:
            _only(steering, "places", routes)
            if steering.get("elsewhere") not in routes:
                steering["elsewhere"] = next(each for each in routes if each != name)
    zones = {region.get("zone", "WORLD") for region in values["regions"].values()}
    _only(values, "zones", zones)
    for zone in values.get("zones", {}).values():
        _keep(zone, "served_in", zones)
    laws = values.get("security", {}).get("compliance")
    if laws and "laws" in laws:
        _only(laws, "laws", zones)
    logs = values.get("observability", {}).get("logs")
    if logs and "gathered_in" in logs:
        _only(logs, "gathered_in", zones)


def _leads(name: str, values: dict[str, Any]) -> bool:
    """Whether a route leads anywhere: by geolocation it leads to other routes."""
    places = values.get("steering", {}).get(name, {}).get("places")
    return places is None or any(target in values["routes"] for target in places)


def _only(values: dict[str, Any], key: str, known: Container[str]) -> None:
    if key in values:
        values[key] = {name: each for name, each in values[key].items() if name in known}


def _keep(values: dict[str, Any], key: str, known: Container[str]) -> None:
    if key in values:
        values[key] = [each for each in values[key] if each in known]
