"""The accelerator's stack deploys: its endpoints are the load balancers that are found by the product's name."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

import topology_document
from stacks.accelerator_stack import accelerator_stacks
from tests.twin.aws.conftest import ASIA, EU, US, Client, DeployStack
from tests.twin.aws.test_functions import eventually

ROOT = Path(__file__).resolve().parents[3]
GROUP, BALANCER = "AWS::GlobalAccelerator::EndpointGroup", "Custom::LoadBalancer"

pytestmark = pytest.mark.twin


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / "reviews.yaml")
    (stack,) = accelerator_stacks(cdk.App(), topology, infrastructure)
    # The record is in another stack's zone.
    every: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return {key: each for key, each in every.items() if each["Type"] != "AWS::Route53::RecordSet"}


def endpoints(resources: dict[str, Any]) -> dict[str, Any]:
    """What the deployment makes of each group's endpoint, by region."""
    groups = [each["Properties"] for each in resources.values() if each["Type"] == GROUP]
    return {each["EndpointGroupRegion"]: each["EndpointConfigurations"][0]["EndpointId"] for each in groups}


def test_each_endpoint_is_the_regions_load_balancer(
    client: Client, deploy: DeployStack, resources: dict[str, Any]
) -> None:
    api = {region: client("elbv2", region) for region in (US, EU, ASIA)}
    wanted = {
        region: each.create_load_balancer(Name="reviews-door")["LoadBalancers"][0]["LoadBalancerArn"]
        for region, each in api.items()
    }
    named = {f"Of{region.replace('-', '')}": each for region, each in endpoints(resources).items()}
    deploy(resources, outputs=named)

    def done() -> dict[str, str]:
        (stack,) = client("cloudformation", US, patience=10).describe_stacks(StackName="stack")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack["StackStatus"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    assert eventually(done) == {f"Of{region.replace('-', '')}": arn for region, arn in wanted.items()}


def test_without_the_load_balancers_nothing_is_deployed(
    client: Client, deploy: DeployStack, resources: dict[str, Any]
) -> None:
    deploy(resources)

    def ended() -> str:
        (stack,) = client("cloudformation", US, patience=10).describe_stacks(StackName="stack")["Stacks"]
        assert stack["StackStatus"] != "CREATE_IN_PROGRESS"
        return str(stack["StackStatus"])

    assert eventually(ended) in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED")
