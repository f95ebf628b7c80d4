"""ElastiCache's global datastores: what is deployed, who writes, and what is refused, as the API's model says it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import ASIA, EU, US, Client, DeployStack
from twin.aws import EmulatedAws

pytestmark = pytest.mark.twin

ID = "ldgnf-sessions"
GROUP: dict[str, Any] = {
    "ReplicationGroupId": "sessions",
    "ReplicationGroupDescription": "sessions",
    "NumCacheClusters": 3,
    "AutomaticFailoverEnabled": True,
}
BORN = {
    "Engine": "valkey",
    "EngineVersion": "8.0",
    "CacheNodeType": "cache.r7g.large",
    "TransitEncryptionEnabled": True,
}
PROMOTE_SECONDS = 3.0
"""Long enough for a second call on a busy machine to come while it is under way."""


def group(**more: Any) -> dict[str, Any]:
    return {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {**GROUP, **more}}


def datastore() -> dict[str, Any]:
    member = {"ReplicationGroupId": {"Ref": "Group"}, "ReplicationGroupRegion": US, "Role": "PRIMARY"}
    properties = {"GlobalReplicationGroupIdSuffix": "sessions", "Members": [member]}
    return {"Type": "AWS::ElastiCache::GlobalReplicationGroup", "Properties": properties}


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not come true within 30 s"
        time.sleep(0.05)


@pytest.fixture
def deployed(aws: EmulatedAws, deploy: DeployStack) -> EmulatedAws:
    """A datastore that was born in us-east-1 and that eu-west-1 has joined, by their stacks."""
    aws.global_caches.promote_seconds = PROMOTE_SECONDS
    first = deploy({"Group": group(**BORN), "Datastore": datastore()}, US, outputs={"Id": {"Ref": "Datastore"}})
    assert first["StackStatus"] == "CREATE_COMPLETE"
    assert first["Outputs"][0]["OutputValue"] == ID
    assert deploy({"Group": group(GlobalReplicationGroupId=ID)}, EU)["StackStatus"] == "CREATE_COMPLETE"
    return aws


def told(client: Client, region: str) -> dict[str, Any]:
    answer = client("elasticache", region).describe_global_replication_groups(
        GlobalReplicationGroupId=ID, ShowMemberInfo=True
    )
    found: dict[str, Any] = answer["GlobalReplicationGroups"][0]
    return found


def roles(client: Client, region: str) -> dict[str, str]:
    return {each["ReplicationGroupRegion"]: each["Role"] for each in told(client, region)["Members"]}


def fail_over(client: Client, region: str, *, asked_in: str | None = None, group: str = "sessions") -> dict[str, Any]:
    answer: dict[str, Any] = client("elasticache", asked_in or region).failover_global_replication_group(
        GlobalReplicationGroupId=ID, PrimaryRegion=region, PrimaryReplicationGroupId=group
    )
    return answer


def refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_who_joins_takes_engine_size_and_encryption_from_it(deployed: EmulatedAws, client: Client) -> None:
    assert roles(client, EU) == roles(client, US) == {US: "PRIMARY", EU: "SECONDARY"}
    joined = client("elasticache", EU).describe_replication_groups(ReplicationGroupId="sessions")["ReplicationGroups"][
        0
    ]
    assert (joined["CacheNodeType"], joined["TransitEncryptionEnabled"]) == ("cache.r7g.large", True)
    assert told(client, EU)["Status"] == "available"


def test_a_region_without_a_member_does_not_know_it(deployed: EmulatedAws, client: Client) -> None:
    with pytest.raises(ClientError) as error:
        told(client, ASIA)
    assert refused(error) == "GlobalReplicationGroupNotFoundFault"
    assert client("elasticache", ASIA).describe_global_replication_groups()["GlobalReplicationGroups"] == []


def test_a_failover_swaps_the_roles_after_a_while(deployed: EmulatedAws, client: Client) -> None:
    assert fail_over(client, EU)["GlobalReplicationGroup"]["Status"] == "modifying"
    assert roles(client, EU) == {US: "PRIMARY", EU: "SECONDARY"}
    with pytest.raises(ClientError) as error:
        fail_over(client, EU)
    assert refused(error) == "InvalidGlobalReplicationGroupState"
    until(lambda: told(client, EU)["Status"] == "available")
    assert roles(client, EU) == {US: "SECONDARY", EU: "PRIMARY"}
    assert deployed.global_caches.primary(ID) == EU


def test_a_failover_needs_not_the_lost_region(deployed: EmulatedAws, client: Client) -> None:
    deployed.outages.region_down(US)
    fail_over(client, EU)
    until(lambda: roles(client, EU)[EU] == "PRIMARY")


@pytest.mark.parametrize(("region", "group"), [(ASIA, "sessions"), (US, "sessions"), (EU, "another")])
def test_only_a_secondary_member_can_be_made_the_primary(
    deployed: EmulatedAws, client: Client, region: str, group: str
) -> None:
    with pytest.raises(ClientError) as error:
        fail_over(client, region, asked_in=EU, group=group)
    assert refused(error) == "InvalidParameterValue"


def test_the_same_template_again_turns_nothing_back(deployed: EmulatedAws, client: Client, deploy: DeployStack) -> None:
    fail_over(client, EU)
    until(lambda: told(client, EU)["Status"] == "available")
    changed = {"Group": group(**BORN), "Datastore": datastore(), "Other": {"Type": "AWS::SNS::Topic"}}
    assert deploy(changed, US)["StackStatus"] == "UPDATE_COMPLETE"
    assert roles(client, EU) == {US: "SECONDARY", EU: "PRIMARY"}


def test_who_joins_may_not_say_what_the_datastore_says(
    deployed: EmulatedAws, deploy: DeployStack, reasons: Any
) -> None:
    stack = deploy({"Group": group(GlobalReplicationGroupId=ID, CacheNodeType="cache.r7g.large")}, ASIA)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("CacheNodeType" in each and "InvalidParameterCombination" in each for each in reasons(ASIA))


def test_small_nodes_are_refused(aws: EmulatedAws, deploy: DeployStack, reasons: Any) -> None:
    small = group(**{**BORN, "CacheNodeType": "cache.t4g.small"})
    assert deploy({"Group": small, "Datastore": datastore()})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("cache.t4g.small is not supported" in each for each in reasons())


def test_it_cannot_be_deleted_before_its_secondaries_have_left(deployed: EmulatedAws, client: Client) -> None:
    here = client("elasticache", US)
    with pytest.raises(ClientError) as error:
        here.delete_global_replication_group(GlobalReplicationGroupId=ID, RetainPrimaryReplicationGroup=True)
    assert refused(error) == "InvalidGlobalReplicationGroupState"
    here.disassociate_global_replication_group(
        GlobalReplicationGroupId=ID, ReplicationGroupId="sessions", ReplicationGroupRegion=EU
    )
    assert told(client, US)["Status"] == "primary-only"
    here.delete_global_replication_group(GlobalReplicationGroupId=ID, RetainPrimaryReplicationGroup=True)
    with pytest.raises(ClientError):
        told(client, US)
