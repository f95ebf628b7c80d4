"""What the compute service promises of a region's nodes, in memory and on EKS as the twin emulates it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import boto3
import pytest

from failover.adapters.aws import AwsCompute
from failover.adapters.aws import compute as adapter
from failover.adapters.memory import ManualClock, MemoryCompute
from failover.errors import CapacityMissingError, CapacityNotReadyError, LifeboatError
from failover.regional_ports import ComputeService, Nodes
from failover.topology import Names
from tests.contract.emulated import emulated_aws
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, quickstart

TOPOLOGY = quickstart()
NAMES = Names(TOPOLOGY)
LAUNCH_SECONDS = 0.4


@dataclass
class Stage:
    """A service with two nodes of at most six in eu-west-1, where nodes take their time."""

    service: ComputeService
    wait: Callable[[], None]
    exhaust: Callable[[], None]
    asked: list[str] = field(default_factory=list)

    def nodes(self) -> Nodes:
        return self.service.describe([EU])[EU]


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.twin)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        clock = ManualClock()
        memory = MemoryCompute(clock, {EU: Nodes(2, 2, 6)}, launch_seconds=LAUNCH_SECONDS)
        yield Stage(memory, lambda: clock.sleep(1), lambda: memory.refused.update({EU: "InsufficientInstanceCapacity"}))
        return
    with emulated_aws() as aws:
        aws.node_groups.launch_seconds = LAUNCH_SECONDS
        make_node_group()
        yield Stage(AwsCompute(TOPOLOGY), lambda: time.sleep(LAUNCH_SECONDS), lambda: aws.node_groups.exhaust(EU))


def make_node_group() -> None:
    eks = boto3.client("eks", EU)
    role = "arn:aws:iam::111122223333:role/any"
    eks.create_cluster(name=NAMES.cluster, roleArn=role, resourcesVpcConfig={"subnetIds": ["subnet-1"]})
    eks.create_nodegroup(
        clusterName=NAMES.cluster,
        nodegroupName=NAMES.node_group,
        scalingConfig={"minSize": 2, "desiredSize": 2, "maxSize": 6},
        subnets=["subnet-1"],
        nodeRole=role,
    )


def test_a_quiet_region_has_the_nodes_that_it_wants(stage: Stage) -> None:
    assert stage.nodes() == Nodes(ready=2, desired=2, most=6)


def test_nodes_that_were_asked_for_are_not_there_yet(stage: Stage) -> None:
    """Wanted is not in service: nobody may be sent to a node that is still being launched."""
    stage.service.scale(EU, 4)
    assert (stage.nodes().desired, stage.nodes().ready) == (4, 2)
    stage.wait()
    assert stage.nodes() == Nodes(ready=4, desired=4, most=6)


def test_more_than_there_may_be_is_refused_and_changes_nothing(stage: Stage) -> None:
    with pytest.raises(CapacityMissingError, match="7"):
        stage.service.scale(EU, 7)
    assert stage.nodes() == Nodes(ready=2, desired=2, most=6)


def test_a_cloud_without_capacity_says_so_and_keeps_what_runs(stage: Stage) -> None:
    stage.exhaust()
    stage.service.scale(EU, 4)
    stage.wait()
    nodes = stage.nodes()
    assert (nodes.ready, nodes.desired) == (2, 4)
    assert "InsufficientInstanceCapacity" in nodes.refused


def test_a_region_without_a_node_group_is_unknown_and_holds_up_no_other(stage: Stage) -> None:
    if isinstance(stage.service, MemoryCompute):
        stage.service.silent.add(AP)
    found = stage.service.describe([AP, EU])
    assert found[AP].failure
    assert found[EU] == Nodes(2, 2, 6)


@pytest.mark.twin
def test_while_a_change_is_under_way_another_one_waits() -> None:
    with emulated_aws() as aws:
        aws.node_groups.launch_seconds = 60
        make_node_group()
        compute = AwsCompute(TOPOLOGY)
        compute.scale(EU, 3)
        with pytest.raises(CapacityNotReadyError, match="ResourceInUseException"):
            compute.scale(EU, 4)


def group(**changes: object) -> dict[str, object]:
    told = {
        "scalingConfig": {"minSize": 2, "desiredSize": 3, "maxSize": 6},
        "resources": {"autoScalingGroups": [{"name": "eks-nodes"}]},
        "health": {"issues": []},
    }
    return {"nodegroup": {**told, **changes}}


def instances(*states: tuple[str, str]) -> dict[str, object]:
    listed = [{"LifecycleState": state, "HealthStatus": health} for state, health in states]
    return {"AutoScalingGroups": [{"Instances": listed}]}


def test_only_healthy_nodes_in_service_count() -> None:
    told = instances(
        ("InService", "Healthy"), ("Pending", "Healthy"), ("InService", "Unhealthy"), ("Standby", "Healthy")
    )
    answers = {"describe_nodegroup": lambda **_: group(), "describe_auto_scaling_groups": lambda **_: told}
    with answering(adapter, answers) as asked:
        assert AwsCompute(TOPOLOGY).describe([EU]) == {EU: Nodes(ready=1, desired=3, most=6)}
    assert set(asked) == {("eks", EU), ("autoscaling", EU)}


def test_an_issue_that_launches_nothing_is_told_and_another_is_not() -> None:
    issues = [
        {"code": "AsgInstanceLaunchFailures", "message": "none left"},
        {"code": "Ec2LaunchTemplateVersionMismatch", "message": "another matter"},
    ]
    answers = {
        "describe_nodegroup": lambda **_: group(health={"issues": issues}),
        "describe_auto_scaling_groups": lambda **_: instances(),
    }
    with answering(adapter, answers):
        assert AwsCompute(TOPOLOGY).describe([EU])[EU].refused == "AsgInstanceLaunchFailures: none left"


@pytest.mark.parametrize("error", [*SILENCE, refusal("AccessDenied", 403), refusal("ServerException", 500)])
def test_a_service_that_does_not_answer_is_unknown_and_not_empty(error: Exception) -> None:
    with answering(adapter, {"describe_nodegroup": raising(error)}):
        nodes = AwsCompute(TOPOLOGY).describe([EU])[EU]
    assert nodes == replace(Nodes(), failure=nodes.failure)
    assert EU in nodes.failure


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal("InvalidParameterException"), CapacityMissingError),
        (refusal("ResourceInUseException", 409), CapacityNotReadyError),
        (refusal("ServerException", 500), CapacityNotReadyError),
        *((silence, CapacityNotReadyError) for silence in SILENCE),
    ],
    ids=lambda each: getattr(each, "__name__", str(each))[:60],
)
def test_what_the_service_says_to_a_new_size_has_one_name(error: Exception, told: type[LifeboatError]) -> None:
    with answering(adapter, {"update_nodegroup_config": raising(error)}), pytest.raises(told) as raised:
        AwsCompute(TOPOLOGY).scale(EU, 4)
    assert raised.value.__cause__ is error
