"""The services of one region, each with what of its data is there."""

from failover.topology import Topology, caches_of
from topology_document.infrastructure import Infrastructure
from topology_document.infrastructure.compute import ServiceSection
from topology_document.infrastructure.environment import Environment


def calls_afar(infrastructure: Infrastructure, region: str) -> dict[str, list[str]]:
    """Return for each service of a region those that it calls by a route's name, since they do not run there."""
    here = {
        name: each for name, each in infrastructure.services.items() if each.regions is None or region in each.regions
    }
    return {name: [each for each in service.calls if each not in here] for name, service in here.items()}


def services_in(topology: Topology, infrastructure: Infrastructure, region: str) -> dict[str, ServiceSection]:
    """Return the services that run in a region.

    A document names each service once, with the data of all its regions. What is in no reach of this one, such as the
    database of another country, is left out: neither a right nor a password of it is ever here. What is called from
    here and runs elsewhere only is reached by a route (``calls_afar``).
    """
    here = {
        name: service
        for name, service in infrastructure.services.items()
        if service.regions is None or region in service.regions
    }
    databases = {each.name for each in topology.databases if region in each.regions}
    caches = {each.name: each.declared for each in caches_of(topology) if region in each.regions}
    tables = {
        name
        for name, table in infrastructure.tables.items()
        if region in (table.born_in or topology.primary.name, *table.replicas)
    }
    buckets = {
        name for name, bucket in infrastructure.buckets.items() if bucket.regions is None or region in bucket.regions
    }
    models = {name for name, model in infrastructure.models.items() if region in model.order}
    return {
        name: service.model_copy(
            update={
                "calls": [each for each in service.calls if each in here],
                "databases": [each for each in service.databases if each in databases],
                "caches": [name for each in service.caches for name, declared in caches.items() if declared == each],
                "tables": [each for each in service.tables if each in tables],
                "buckets": [each for each in service.buckets if each in buckets],
                "models": [each for each in service.models if each in models],
            }
        )
        for name, service in here.items()
    }


def has_repositories(infrastructure: Infrastructure) -> bool:
    """Whether the stacks make repositories for images; beside production an environment uses production's."""
    environment = infrastructure.environment
    return environment in {Environment.PRODUCTION, Environment.EDGE, *infrastructure.environments}
