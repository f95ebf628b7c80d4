"""What Route 53 follows of CloudWatch, in every product's templates."""

from pathlib import Path

import pytest

import topology_document
from stacks.constructs.function_bundle import FunctionBundle
from stacks.global_stack import GlobalStack
from stacks.regional_stack import RegionalStack
from template_checks import house
from template_checks.assembly import Assembly
from tests.infrastructure.areas import application
from tests.infrastructure.assembly import ROOT

PRODUCTS = sorted(file.stem for file in (ROOT / "topologies").glob("*.yaml"))


@pytest.mark.parametrize("product", PRODUCTS)
def test_route_53_can_follow_what_a_health_check_names_and_every_alarm_says_what_it_is_about(product: str) -> None:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / f"{product}.yaml")
    app, bundle = application(), FunctionBundle.build(topology)
    GlobalStack(app, topology, infrastructure)
    for region in topology.aws_regions:
        RegionalStack(app, topology, region, bundle, infrastructure)
    found = house.findings(Assembly(Path(app.synth().directory)))
    assert [str(each) for each in found if each.rule in ("Lifeboat-Followed", "Lifeboat-Told")] == []
