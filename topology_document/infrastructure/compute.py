"""The nodes of a region's cluster, and what runs on them."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.words import Image, InstanceType, UrlPath
from topology_document.section import Section
from topology_document.values import Label, Network
from topology_document.whereabouts import PlaceName


class CapacityKind(StrEnum):
    """The nodes that a service may run on."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    ANY = "any"


class Objects(StrEnum):
    """What a service may do with its objects in the region's bucket."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


class SpotSection(Section):
    """A second node group, of instances that AWS may take back within two minutes."""

    instance_types: list[InstanceType] = Field(
        min_length=1,
        description="Several types, so that the shortage of one is not that of all.",
        examples=[["m7g.large", "m6g.large", "c7g.large"]],
    )
    nodes: int = Field(0, ge=0, le=1000, description="The Spot nodes that a region starts with.", examples=[0])
    most_nodes: int = Field(6, ge=1, le=1000, description="The most Spot nodes of a region.", examples=[6])


class ComputeSection(Section):
    """The nodes of every region's cluster; how many there are the regions say."""

    instance_types: list[InstanceType] = Field(
        default_factory=lambda: ["m7g.large"],
        min_length=1,
        description="The types of the on-demand nodes; the first that EC2 has is taken.",
        examples=[["m7g.large"]],
    )
    disk_gib: int = Field(50, ge=20, le=16384, description="The encrypted disk of each node.", examples=[50])
    spot: SpotSection | None = Field(
        None,
        description="Spot nodes beside them. Default: none.",
        examples=[{"instance_types": ["m7g.large", "m6g.large", "c7g.large"]}],
    )
    scale_down_seconds: int = Field(
        600, ge=60, le=86400, description="How long a node is idle before the autoscaler takes it away.", examples=[600]
    )
    service_cidr: Network = Field(
        "172.20.0.0/16",
        description="The addresses of Kubernetes' services; apart from every region's network.",
        examples=["172.20.0.0/16"],
    )
    secret_refresh_seconds: int = Field(
        300, ge=10, le=86400, description="How often pods' secrets are read anew.", examples=[300]
    )


class ServiceSection(Section):
    """One service of the product, in the clusters of its regions."""

    image: Image = Field(
        description="Its container image with a tag; without a registry's host it is the region's own.",
        examples=["shop/api:1.0.0"],
    )
    port: int = Field(8080, ge=1024, le=65535, description="Where it listens.", examples=[8080])
    paths: list[UrlPath] = Field(
        default_factory=list,
        description="The beginnings of the public paths that it answers. Default: none, it is internal.",
        examples=[["/api"]],
    )
    calls: list[Label] = Field(
        default_factory=list,
        description="The services that it may call; the mesh refuses every other call.",
        examples=[["orders"]],
    )
    critical: bool = Field(default=True, description="Whether users notice when it is gone.")
    capacity: Annotated[CapacityKind, Strict(strict=False)] = Field(
        CapacityKind.ON_DEMAND,
        description="on-demand: nodes that stay. spot: nodes that AWS may take back. any: both.",
    )
    least_replicas: int = Field(
        3, ge=1, le=1000, description="The pods of a region, spread over its zones.", examples=[3]
    )
    most_replicas: int = Field(
        12, ge=1, le=10000, description="The pods that a region's autoscaler may go up to.", examples=[12]
    )
    cpu_percent: int = Field(
        70, ge=10, le=95, description="The use of the CPU that the autoscaler keeps to.", examples=[70]
    )
    cpu_millicores: int = Field(250, ge=10, le=64000, description="The CPU of one pod.", examples=[250])
    memory_mib: int = Field(256, ge=32, le=262144, description="The memory of one pod.", examples=[256])
    databases: list[Label] = Field(
        default_factory=list,
        description="The databases whose application roles it gets the passwords of.",
        examples=[["orders"]],
    )
    caches: list[Label] = Field(
        default_factory=list, description="The caches that it gets the passwords of.", examples=[["hot"]]
    )
    tables: list[Label] = Field(
        default_factory=list, description="The tables that it reads and writes.", examples=[["sessions"]]
    )
    buckets: list[Label] = Field(
        default_factory=list, description="The buckets that it reads and writes.", examples=[["media"]]
    )
    models: list[Label] = Field(
        default_factory=list, description="The models that it takes from the region's store.", examples=[["classifier"]]
    )
    objects: Annotated[Objects, Strict(strict=False)] = Field(
        Objects.NONE, description="What it may do with objects under its own name in the region's bucket."
    )
    regions: list[PlaceName] | None = Field(
        None, min_length=1, description="Where it runs. Default: every region.", examples=[["us-east-1"]]
    )
    reached_by: Label | None = Field(
        None,
        description="The route by whose name it is called from regions where it does not run: one that leads only to "
        "regions where it does. Default: none, it is called where it runs.",
        examples=["eu"],
    )
    personal_data: bool = Field(
        default=True,
        description="Whether it is told of persons; then it is called from no other zone.",
    )


class MeshSection(Section):
    """How services speak to each other: mutual TLS always, and a circuit that opens before a failure spreads."""

    most_connections: int = Field(
        200, ge=1, le=100000, description="Connections to one service, from each pod.", examples=[200]
    )
    most_pending: int = Field(
        100, ge=1, le=100000, description="Requests to one service that may wait, from each pod.", examples=[100]
    )
    consecutive_errors: int = Field(
        5, ge=1, le=100, description="So many failures in a row take a pod out.", examples=[5]
    )
    interval_seconds: int = Field(10, ge=1, le=3600, description="How often failures are looked at.", examples=[10])
    ejection_seconds: int = Field(
        30, ge=1, le=3600, description="How long a pod is out for the first time.", examples=[30]
    )
    most_ejected_percent: int = Field(
        50, ge=1, le=100, description="The share of a service's pods that may be out at once.", examples=[50]
    )
    timeout_seconds: int = Field(5, ge=1, le=300, description="How long a call may take.", examples=[5])
    retries: int = Field(2, ge=0, le=10, description="How often a call is tried again that may be.", examples=[2])


def is_arm(instance_type: str) -> bool:
    """Whether an instance type is one of Graviton: EC2 writes a ``g`` behind the generation of such a family."""
    family = re.fullmatch(r"[a-z-]+[0-9]+([a-z-]*)\..*", instance_type)
    return bool(family and "g" in family[1]) or instance_type.startswith("a1.")
