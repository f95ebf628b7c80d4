"""What is tried on purpose on AWS deploys on the twin, where it breaks nothing."""

from __future__ import annotations

from stacks.chaos_stack import chaos_stacks
from stacks.rehearsal_stack import rehearsal_stacks
from tests.infrastructure.areas import by_region
from tests.products import EU, US, quickstart
from tests.twin.aws.conftest import ROLE, Client, DeployStack, Reasons
from topology_document import Infrastructure
from topology_document.infrastructure.compute import ServiceSection
from topology_document.infrastructure.experiments import ExperimentsSection, RehearsalSection
from topology_document.values import Weekday
from twin.aws import EmulatedAws

DUE = RehearsalSection(subject=US, executed_in=EU, weekday=Weekday.MONDAY, at="09:00")
ASKED = Infrastructure(
    services={"api": ServiceSection(image="shop/api:1.0.0")}, experiments=ExperimentsSection(rehearsals=[DUE])
)


def test_it_deploys_and_is_told_to_be_written_down_only(
    aws: EmulatedAws, client: Client, deploy: DeployStack, reasons: Reasons
) -> None:
    client("eks", EU).create_cluster(name="lifeboat-quickstart", roleArn=ROLE, resourcesVpcConfig={})
    for layer, build in {"chaos": chaos_stacks, "rehearsal": rehearsal_stacks}.items():
        template = by_region(build, quickstart(), ASKED)[EU]
        stack = deploy(template["Resources"], EU, name=f"lifeboat-quickstart-{layer}-eu-west-1")
        assert stack["StackStatus"] == "CREATE_COMPLETE", [each for each in reasons(EU, stack["StackName"]) if each]
    assert {"AWS::FIS::ExperimentTemplate", "AWS::Scheduler::Schedule"} <= set(aws.recorded_only_types())
