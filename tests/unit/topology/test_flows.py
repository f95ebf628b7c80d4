"""Residency is judged over everything that flows: no section that names regions can be forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic.fields import FieldInfo

from topology_document.checks import MISTAKES, found_by
from topology_document.document import TopologyDocument
from topology_document.flows import GIVERS, STILL, FlowKind, flows_of
from topology_document.section import Section
from topology_document.shape import shape_of
from topology_document.source import read_file, read_text
from topology_document.values import RegionName
from topology_document.whereabouts import PlaceName

TOPOLOGIES = sorted((Path(__file__).parents[3] / "topologies").glob("*.yaml"))
NAMES = {get_args(kind)[1] for kind in (RegionName, PlaceName)}
"""What tells the names of regions from other texts: the validators of their types."""


def sections(of: type[Section] = TopologyDocument) -> Iterator[type[Section]]:
    yield of
    for field in of.model_fields.values():
        for each in parts(field.annotation):
            if isinstance(each, type) and issubclass(each, Section):
                yield from sections(each)


def parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for each in get_args(annotation):
        yield from parts(each)


def names_regions(field: FieldInfo) -> bool:
    told = [*field.metadata, *(part for each in parts(field.annotation) for part in getattr(each, "__metadata__", ()))]
    return any(each in NAMES for each in told)


def document(file: Path) -> TopologyDocument:
    told, *_ = shape_of(read_text(read_file(str(file)), str(file)))
    assert told is not None
    return told


@pytest.mark.parametrize("section", sorted(set(sections()), key=str), ids=str)
def test_a_section_that_names_regions_says_what_flows_or_why_nothing_does(section: type[Section]) -> None:
    if any(names_regions(field) for field in section.model_fields.values()):
        said = section in GIVERS or section in STILL
        assert said, f"put {section.__name__} into GIVERS or STILL in topology_document/flows/__init__.py"


def test_what_is_looked_for_is_found() -> None:
    assert names_regions(TopologyDocument.model_fields["control_regions"])
    assert names_regions(TopologyDocument.model_fields["regions"])
    assert not names_regions(TopologyDocument.model_fields["routes"])
    assert not GIVERS.keys() & STILL.keys()


@pytest.mark.parametrize("file", TOPOLOGIES, ids=lambda file: file.stem)
def test_nothing_of_a_product_leaves_its_zone(file: Path) -> None:
    flows = list(flows_of(document(file)))
    assert flows
    assert [flow for flow in flows if not flow.is_lawful] == []


TWO_ZONES = {
    "name": "shop",
    "account": "111122223333",
    "domain": "shop.example",
    "regions": {
        "us-east-1": {"role": "primary", "zone": "US", "cidr": "10.1.0.0/16"},
        "us-west-2": {"role": "secondary", "zone": "US", "cidr": "10.2.0.0/16"},
        "eu-west-1": {"role": "active", "zone": "EU", "cidr": "10.3.0.0/16"},
    },
    "quorum_store": {"replicas": ["eu-central-1", "eu-west-2", "eu-west-3"]},
    "databases": {"orders": {"engine": "rds-postgres", "replicas": ["us-west-2"]}},
    "routes": {"app": {"regions": ["us-east-1", "us-west-2"]}, "eu": {"regions": ["eu-west-1"]}},
    "zones": {"US": {"users": ["US"]}, "EU": {"users": ["EU"]}},
    "targets": {"rto_seconds": 120, "rpo_seconds": 60, "detection_seconds": 15},
}
CROSSING: list[tuple[FlowKind, dict[str, Any]]] = [
    (FlowKind.REPLICATION, {"databases": {"orders": {"engine": "rds-postgres", "replicas": ["eu-west-1"]}}}),
    (FlowKind.CACHE, {"caches": {"hot": {"tier": "global", "replicas": ["eu-west-1"]}}}),
    (FlowKind.TABLE, {"tables": {"carts": {"partition_key": "cart", "replicas": ["eu-west-1"]}}}),
    (FlowKind.MODEL, {"models": {"ranking": {"order": ["us-east-1", "eu-west-1"]}}}),
    (FlowKind.BACKUP, {"backups": {"copies": {"us-east-1": "eu-west-1"}}}),
    (FlowKind.LOGS, {"observability": {"logs": {"gathered_in": {"US": "eu-west-1"}}}}),
    (FlowKind.USERS, {"routes": {"app": {"regions": ["us-east-1", "eu-west-1"]}}}),
    (FlowKind.USERS, {"delivery": {"accelerator": {"name": "go"}}}),
    (
        FlowKind.USERS,
        {
            "routes": {**TWO_ZONES["routes"], "world": {"policy": "geolocation"}},  # type: ignore[dict-item]
            "steering": {"world": {"places": {"app": ["US", "IE"]}}},
        },
    ),
]


@pytest.mark.parametrize(("kind", "change"), CROSSING, ids=lambda it: it.value if isinstance(it, FlowKind) else "")
def test_what_would_leave_its_zone_is_told_with_the_zone_and_both_ends(kind: FlowKind, change: dict[str, Any]) -> None:
    lawful = TopologyDocument.model_validate(TWO_ZONES)
    assert not found_by(MISTAKES, lawful)
    crossing = TopologyDocument.model_validate({**TWO_ZONES, **change})
    unlawful = [flow for flow in flows_of(crossing) if not flow.is_lawful]
    assert {flow.kind for flow in unlawful} == {kind}
    assert {(flow.source.zone, flow.target.zone) for flow in unlawful} <= {("US", "EU"), ("EU", "US")}
    found = found_by(MISTAKES, crossing)
    assert found
    assert all("US" in each.allowed and "EU" in f"{each.got} {each.allowed}" for each in found), found


def test_objects_of_persons_are_copied_inside_each_zone_alone() -> None:
    ends = {
        personal: {
            (flow.source.name, flow.target.name)
            for flow in flows_of(TopologyDocument.model_validate({**TWO_ZONES, "buckets": {"media": told}}))
            if flow.what == "media"
        }
        for personal, told in {True: {}, False: {"personal_data": False}}.items()
    }
    assert ends[True] == {("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")}
    assert ("us-east-1", "eu-west-1") in ends[False]


def test_users_may_be_answered_in_a_zone_that_their_own_allows() -> None:
    routes = {"app": {"regions": ["us-east-1", "eu-west-1"]}}
    zones = {"US": {"users": ["US"], "served_in": ["EU"]}, "EU": {"users": ["EU"], "served_in": ["US"]}}
    assert not found_by(MISTAKES, TopologyDocument.model_validate({**TWO_ZONES, "routes": routes, "zones": zones}))
