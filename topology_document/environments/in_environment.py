"""From the product's document to that of one environment, which is checked like any other document."""

from typing import Any, Final

from failover.topology import Automation, CacheTier, Role, RoutePolicy
from topology_document.document import TopologyDocument
from topology_document.environments.in_several_regions import in_several_regions
from topology_document.environments.least import least
from topology_document.environments.narrowing import narrowed
from topology_document.environments.references import without_references
from topology_document.infrastructure.environment import Environment, EnvironmentSection
from topology_document.infrastructure.observability import ObservabilitySection
from topology_document.infrastructure.security_words import Service

ALL_OF_THEM: Final = 100
PRODUCTIONS: Final = "the stacks of production have it in this account"


def in_environment(document: TopologyDocument, environment: Environment) -> TopologyDocument:
    """Return the document of an environment: its own for production, and for the edge, which is a part of it.

    The others have one region, where nothing can move, so that the control plane only looks; or, staging alone, those
    of production's that the document names, and then the control plane acts as production's does. Their names have the
    environment behind the product's, and their zone is one of their own. Where the text still names the environment,
    production has no stacks in that account and region from which it could have its images.
    """
    if environment in {Environment.PRODUCTION, Environment.EDGE}:
        return document.model_copy(update={"environment": environment})
    stands = document.environments.get(environment, EnvironmentSection())
    primary = next(name for name, region in document.regions.items() if region.role is Role.PRIMARY)
    region = stands.region if stands.region in document.regions else primary
    values = document.model_dump(mode="json", exclude_unset=True, exclude={"environments"})
    site = document.regions[region].site
    if stands.regions is not None:
        values = in_several_regions(document, values, stands.regions, primary)
    elif site is not None:
        values = _in_one_region(document, _renamed(values, region, site.near), site.near)
    else:
        values = _in_one_region(document, values, region)
    values |= {
        "name": f"{document.name}-{environment}",
        "account": stands.account or document.account,
        "domain": stands.domain or f"{environment}.{document.domain}",
        "environment": environment.value,
    }
    _traced(values, environment)
    beside = values["account"] == document.account
    if not beside or (stands.regions is None and site is not None):
        values["environments"] = {environment.value: {"account": values["account"]}}
    if beside and "security" in values:
        mine = values["security"].get("provided", {})
        values["security"] |= {"provided": {**{each.value: PRODUCTIONS for each in Service}, **mine}}
    return TopologyDocument.model_validate(least(values) if environment is Environment.DEVELOPMENT else values)


def _in_one_region(document: TopologyDocument, values: dict[str, Any], region: str) -> dict[str, Any]:
    here = {**values["regions"][region], "role": Role.PRIMARY.value}
    here.pop("site", None)
    values = {**values, "regions": {region: here}, "control_regions": [region]}
    values["databases"] = _born(document, values["databases"], region)
    for caches in values.get("caches", {}).values():
        caches |= {"tier": CacheTier.REGIONAL.value, "born_in": region, "replicas": []}
    if "tables" in values:
        values["tables"] = _born(document, values["tables"], region)
    values.pop("sites", None)
    values.pop("recovery", None)  # there is one region, and no other to come back from
    values.get("security", {}).get("audit", {}).pop("trails", None)
    enclaves = values.get("security", {}).get("enclaves")
    if enclaves:
        enclaves["region"] = region
    for section in (values.get("network"), values.get("compute")):
        if section:
            section.pop("transit", None)
    values["failover"] = {**values.get("failover", {}), "automation": Automation.OBSERVE.value}
    values["failover"].pop("veto", None)
    # The store's places serve nothing: it stands in three regions whatever the product has.
    narrow = narrowed(TopologyDocument, {**values, "quorum_store": None}, [region])
    values = without_references({**narrow, "quorum_store": values["quorum_store"]})
    for steering in values.get("steering", {}).values():
        steering.pop("weights", None)  # there is nothing to weigh
    for route in values["routes"].values():
        route.pop("regions", None)
        if route.get("policy") == RoutePolicy.FAILOVER:
            route["policy"] = RoutePolicy.LATENCY.value
    return values


def _born(document: TopologyDocument, declared: dict[str, Any], region: str) -> dict[str, Any]:
    """Return what has a copy in the region; it is born there, and has no other."""
    primary = next(name for name, each in document.regions.items() if each.role is Role.PRIMARY)
    near = {name: each.site.near for name, each in document.regions.items() if each.site is not None}
    first = near.get(primary, primary)
    return {
        name: {**{key: told for key, told in each.items() if key not in {"replicas", "also_in"}}, "born_in": region}
        for name, each in declared.items()
        if region in {each.get("born_in", first), *each.get("replicas", [])}
    }


def _traced(values: dict[str, Any], environment: Environment) -> None:
    tracing = values.get("observability", {}).get("tracing")
    if tracing is not None:
        shares = ObservabilitySection.model_validate({"tracing": tracing}).tracing
        wanted = shares.sampling_percents.get(environment) if shares is not None else None
        tracing["sampling_percent"] = ALL_OF_THEM if wanted is None else wanted


def _renamed(value: Any, name: str, to: str) -> Any:
    """Return a text with another name of a region, wherever it stands."""
    if isinstance(value, dict):
        return {to if key == name else key: _renamed(each, name, to) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, name, to) for each in value]
    return to if value == name else value
