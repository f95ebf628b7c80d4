"""Everything that goes from one place to another because a document says so: what residency is judged by.

A section whose fields name regions stands in ``GIVERS``, with what it lets flow, or in ``STILL``, with why nothing
does; a test looks for one that stands in neither.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from topology_document.document import TopologyDocument
from topology_document.findings import Path
from topology_document.flows import kept_data, seen_data
from topology_document.flows.flow import Flow, FlowKind, Place, Product
from topology_document.infrastructure.backups import BackupsSection
from topology_document.infrastructure.compute import ServiceSection
from topology_document.infrastructure.costs import CostsSection
from topology_document.infrastructure.delivery import AcceleratorSection
from topology_document.infrastructure.edge import CitySection
from topology_document.infrastructure.environment import EnvironmentSection
from topology_document.infrastructure.experiments import PracticeSection, RehearsalSection
from topology_document.infrastructure.models import ModelSection
from topology_document.infrastructure.network import TransitSection
from topology_document.infrastructure.objects import BucketSection
from topology_document.infrastructure.observability import (
    GrafanaSection,
    LogsSection,
    MetricSection,
    ObjectivesSection,
    PrometheusSection,
)
from topology_document.infrastructure.publications import PublicationSection
from topology_document.infrastructure.rollout import RolloutSection
from topology_document.infrastructure.security import AuditSection, ComplianceSection, EnclavesSection
from topology_document.infrastructure.steering import SteeringSection, WeightsSection
from topology_document.infrastructure.tables import TableSection
from topology_document.policies import MaintenanceSection
from topology_document.section import Section
from topology_document.sections import CacheSection, DatabaseSection, QuorumStoreSection, RouteSection, SiteSection

__all__ = ["GIVERS", "STILL", "Flow", "FlowKind", "Place", "flows_of", "parts_of"]

GIVERS: Final[dict[type[Section], Callable[[Any, Path, Product], Iterator[Flow]]]] = {
    TopologyDocument: seen_data.of_document,
    QuorumStoreSection: seen_data.of_quorum,
    DatabaseSection: kept_data.of_database,
    CacheSection: kept_data.of_cache,
    TableSection: kept_data.of_table,
    BucketSection: kept_data.of_bucket,
    ModelSection: kept_data.of_model,
    BackupsSection: kept_data.of_backups,
    PublicationSection: kept_data.of_publication,
    RouteSection: seen_data.of_route,
    SteeringSection: seen_data.of_steering,
    ServiceSection: seen_data.of_service,
    AcceleratorSection: seen_data.of_accelerator,
    LogsSection: seen_data.of_logs,
    PrometheusSection: seen_data.of_prometheus,
    AuditSection: seen_data.of_audit,
    ComplianceSection: seen_data.of_compliance,
    TransitSection: seen_data.of_transit,
}

STILL: Final[dict[type[Section], str]] = {
    EnvironmentSection: "where another environment stands, which shares nothing with this one",
    SiteSection: "near is a distance",
    MaintenanceSection: "a window in time",
    CitySection: "a city's requests go to a route, which leads as it leads everybody",
    WeightsSection: "weights are among the regions of a route, which leads users there already",
    ObjectivesSection: "numbers that a region's own metrics are held against",
    MetricSection: "numbers that a region's own metrics are held against",
    GrafanaSection: "a page that asks each region's metrics; people look at it from anywhere",
    CostsSection: "money",
    EnclavesSection: "a host in its region",
    RolloutSection: "an order in time",
    PracticeSection: "a fault in its region",
    RehearsalSection: "a question to the store and the agents, which control regions ask all the time",
}


def flows_of(document: TopologyDocument) -> Iterator[Flow]:
    """Return all that the document lets flow, section by section."""
    product = Product(document)
    for path, part in parts_of(document):
        giver = GIVERS.get(type(part))
        if giver is not None:
            yield from giver(part, path, product)


def parts_of(section: Section, path: Path = ()) -> Iterator[tuple[Path, Section]]:
    """Return a section and all within it, with their paths."""
    yield path, section
    for key in type(section).model_fields:
        value = getattr(section, key)
        if isinstance(value, Section):
            yield from parts_of(value, (*path, key))
        several = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, each in several:
            if isinstance(each, Section):
                yield from parts_of(each, (*path, key, str(name)))
