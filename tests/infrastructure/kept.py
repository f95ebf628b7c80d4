"""The stacks of buckets, tables, models and backups of a product, without the others of it."""

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

import topology_document
from failover.topology import Topology
from stacks.data_stack import data_stacks
from tests.infrastructure.assembly import ROOT
from topology_document import Infrastructure

Templates = dict[str, dict[str, Any]]


def app() -> cdk.App:
    """An application with the settings of ``cdk.json``, whose templates say the paths of their constructs."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return cdk.App(context=context | {"aws:cdk:enable-path-metadata": True}, analytics_reporting=False)


def built(topology: Topology, infrastructure: Infrastructure) -> Templates:
    """Each stack's template by the end of its name, such as ``data-us-east-1``."""
    before = len(f"lifeboat-{topology.name}-")
    stacks = list(data_stacks(app(), topology, infrastructure))
    return {stack.stack_name[before:]: dict(Template.from_stack(stack).to_json()) for stack in stacks}


@cache
def of_product(name: str) -> Templates:
    """The same of a product's own document."""
    return built(*topology_document.load_whole(ROOT / "topologies" / f"{name}.yaml"))


def wanted(name: str) -> tuple[Topology, Infrastructure]:
    return topology_document.load_whole(ROOT / "topologies" / f"{name}.yaml")
