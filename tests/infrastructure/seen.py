"""What is built to observe a product, in a process of its own test: one region of each kind, and not all the rest."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk

import topology_document
from failover.topology import Names
from stacks.constructs.function_bundle import FunctionBundle
from stacks.control_stack import ControlStack
from stacks.observability_area import observability_stacks
from stacks.regional_stack import RegionalStack
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import Template, properties
from topology_document.infrastructure.environment import Environment

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"] | {"aws:cdk:enable-path-metadata": True}


class Seen:
    """The templates of a product's observation, beside the regional and the control stack of one region."""

    def __init__(self, product: str, beside: str | None, environment: Environment | None) -> None:
        document = ROOT / "topologies" / f"{product}.yaml"
        self.topology, self.infrastructure = topology_document.load_whole(document, environment)
        self.names = Names(self.topology)
        with TemporaryDirectory() as place:
            app = cdk.App(analytics_reporting=False, stack_traces=False, context=CONTEXT, outdir=place)
            if beside is not None:
                bundle = FunctionBundle.build(self.topology)
                RegionalStack(app, self.topology, beside, bundle, self.infrastructure)
                ControlStack(app, self.topology, beside, bundle)
            self.order = {
                stack.stack_name: [each.stack_name for each in stack.dependencies]
                for stack in observability_stacks(app, self.topology, self.infrastructure)
            }
            app.synth()
            files = Path(place).glob("*.template.json")
            self.templates = {file.name.removesuffix(".template.json"): json.loads(file.read_text()) for file in files}

    def template(self, layer: str, region: str) -> Template:
        return dict(self.templates[self.names.stack(layer, region)])

    def stacks(self, layer: str) -> dict[str, Template]:
        """Each region's stack of a layer."""
        start = self.names.stack(layer, "")
        regions = self.topology.control_regions + self.topology.region_names
        return {
            name.removeprefix(start): template
            for name, template in self.templates.items()
            if name.removeprefix(start) in regions
        }


@cache
def seen(product: str, beside: str | None = None, environment: Environment | None = None) -> Seen:
    """The same, made once for all tests."""
    return Seen(product, beside, environment)


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """Alarms by the ends of their names, behind the stack's."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    return {each["AlarmName"]: each for kind in kinds for each in properties(template, kind)}


def ending(found: dict[str, dict[str, Any]], end: str) -> dict[str, Any]:
    (only,) = [each for name, each in found.items() if name.endswith(end)]
    return only


def text_of(value: Any) -> str:
    """What CloudFormation joins, with the names of what it looks up in angle brackets."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "Fn::Join" in value:
        return str(value["Fn::Join"][0]).join(text_of(each) for each in value["Fn::Join"][1])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return f"<{next(iter(value.values()))}>"


def widgets(template: Template) -> Sequence[dict[str, Any]]:
    (board,) = properties(template, "AWS::CloudWatch::Dashboard")
    return list(json.loads(text_of(board["DashboardBody"]))["widgets"])
