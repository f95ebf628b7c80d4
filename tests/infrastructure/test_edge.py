"""Promises on who an edge node is to AWS."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from stacks.edge_stack import edge_stacks
from tests.infrastructure.templates import properties
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.edge import CitySection, EdgeSection
from twin.aws.cloudformation.emulated import EMULATED
from twin.aws.cloudformation.recorded import RECORDED

CITIES = {"bremen": EU, "lyon": EU, "boston": US}
ASKED = Infrastructure(edge=EdgeSection(cities={city: CitySection(region=region) for city, region in CITIES.items()}))


def templates(asked: Infrastructure = ASKED) -> dict[str, dict[str, Any]]:
    stacks = list(edge_stacks(cdk.App(), quickstart(), asked))
    return {each.region_name: dict(Template.from_stack(each).to_json()) for each in stacks}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return templates()[EU]


def test_each_city_is_a_thing_of_its_own_region() -> None:
    things = {
        region: {each["ThingName"] for each in properties(told, "AWS::IoT::Thing")}
        for region, told in templates().items()
    }
    assert things == {EU: {"quickstart-bremen", "quickstart-lyon"}, US: {"quickstart-boston"}}
    assert AP not in things


def test_a_node_speaks_for_itself_alone(template: dict[str, Any]) -> None:
    (policy,) = properties(template, "AWS::IoT::Policy")
    for statement in policy["PolicyDocument"]["Statement"]:
        own = "${iot:Connection.Thing.ThingName}" in json.dumps(statement["Resource"])
        attached = statement.get("Condition") == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
        assert own or attached


def test_a_nodes_certificate_gives_it_a_short_lived_role(template: dict[str, Any]) -> None:
    (alias,) = properties(template, "AWS::IoT::RoleAlias")
    (role,) = properties(template, "AWS::IAM::Role")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert alias["CredentialDurationSeconds"] == 3600
    assert statement["Principal"] == {"Service": "credentials.iot.amazonaws.com"}


def test_a_node_may_fetch_its_image_and_tell_figures_and_no_more(template: dict[str, Any]) -> None:
    actions = {
        action
        for policy in properties(template, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert {each.split(":")[0] for each in actions} == {"cloudwatch", "ecr"}
    assert not {each for each in actions if "Put" in each} - {"cloudwatch:PutMetricData"}


def test_no_key_of_a_node_is_in_a_template(template: dict[str, Any]) -> None:
    assert properties(template, "AWS::IoT::Certificate") == []


def test_without_cities_there_is_no_stack() -> None:
    assert templates(Infrastructure()) == {}


def test_the_twin_knows_every_type_of_it(template: dict[str, Any]) -> None:
    used = {each["Type"] for each in template["Resources"].values()}
    assert used <= EMULATED | RECORDED.keys()
