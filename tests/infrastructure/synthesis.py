"""Single stacks of a product, synthesised without the rest of its assembly."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

import topology_document
from failover.topology import Topology
from topology_document import Infrastructure

TOPOLOGIES = Path(__file__).parents[2] / "topologies"

Whole = tuple[Topology, Infrastructure]


def app() -> cdk.App:
    return cdk.App(context={"aws:cdk:enable-path-metadata": True})


def load(product: str) -> Whole:
    return topology_document.load_whole(TOPOLOGIES / f"{product}.yaml")


def synthesised(stack: cdk.Stack) -> dict[str, Any]:
    return dict(Template.from_stack(stack).to_json())
