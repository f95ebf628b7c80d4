"""The stacks of one area alone, synthesised in this process with the settings of cdk.json."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import aws_cdk as cdk

from failover.topology import Topology
from stacks.layer import LayerStack
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import Template
from topology_document import Infrastructure

Builder = Callable[[Any, Topology, Infrastructure], Iterable[LayerStack]]


def application() -> cdk.App:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    paths = {"aws:cdk:enable-path-metadata": True}
    return cdk.App(analytics_reporting=False, stack_traces=False, context=context | paths)


def by_region(build: Builder, topology: Topology, infrastructure: Infrastructure) -> dict[str, Template]:
    """Each stack's template, by its region; of an area that has one stack in a region."""
    app = application()
    stacks = list(build(app, topology, infrastructure))
    assembly = app.synth()
    return {stack.region_name: assembly.get_stack_by_name(stack.stack_name).template for stack in stacks}
