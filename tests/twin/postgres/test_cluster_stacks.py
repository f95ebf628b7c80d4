"""AWS::RDS::GlobalCluster and AWS::RDS::DBCluster through stacks: what a move changes is in no template."""

import json
from typing import Any

import pytest

from tests.twin.postgres.globals import EU, US, GlobalDatabase
from tests.twin.postgres.stage import MASTER, Cloud, Eventually

pytestmark = pytest.mark.twin

NAME = "stacked"
MEMBER = {"Engine": "aurora-postgresql", "EngineVersion": "17.7", "GlobalClusterIdentifier": NAME}


def template(region: str, *, born_here: bool, days: int = 7) -> str:
    owner = {"MasterUsername": MASTER.user, "MasterUserPassword": MASTER.password, "DatabaseName": "orders"}
    cluster = {
        **MEMBER,
        **(owner if born_here else {}),
        "DBClusterIdentifier": f"{NAME}-{region}",
        "BackupRetentionPeriod": days,
        "DeletionProtection": True,
    }
    instance = {
        "DBClusterIdentifier": {"Ref": "Cluster"},
        "DBInstanceClass": "db.r7g.large",
        "Engine": MEMBER["Engine"],
    }
    resources: dict[str, Any] = {
        "Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": cluster, "DependsOn": ["Global"] if born_here else []},
        "One": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {**instance, "DBInstanceIdentifier": f"{NAME}-{region}-1"},
        },
        "Two": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {**instance, "DBInstanceIdentifier": f"{NAME}-{region}-2"},
        },
    }
    if born_here:
        whole = {"GlobalClusterIdentifier": NAME, "Engine": MEMBER["Engine"], "EngineVersion": MEMBER["EngineVersion"]}
        resources["Global"] = {"Type": "AWS::RDS::GlobalCluster", "Properties": whole}
    outputs = {"Writer": {"Value": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


class Stack:
    """One region's stack, and waiting for its end state."""

    def __init__(self, cloud: Cloud, region: str, eventually: Eventually) -> None:
        self.client, self.region, self.eventually = cloud.client("cloudformation", region), region, eventually

    def create(self, *, born_here: bool) -> str:
        self.client.create_stack(StackName="ledger", TemplateBody=template(self.region, born_here=born_here))
        return self.settled()

    def update(self, *, born_here: bool, days: int) -> str:
        body = template(self.region, born_here=born_here, days=days)
        self.client.update_stack(StackName="ledger", TemplateBody=body)
        return self.settled()

    def delete(self) -> str:
        stack = self.client.describe_stacks(StackName="ledger")["Stacks"][0]["StackId"]
        self.client.delete_stack(StackName="ledger")
        return self.settled(stack)

    def settled(self, stack: str = "ledger") -> str:
        self.eventually(lambda: not self.status(stack).endswith("IN_PROGRESS"))
        return self.status(stack)

    def status(self, stack: str = "ledger") -> str:
        return str(self.client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def reasons(self) -> str:
        events = self.client.describe_stack_events(StackName="ledger")["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_member_joins_by_name_moves_outside_its_template_and_is_not_deleted(
    cloud: Cloud, eventually: Eventually
) -> None:
    virginia, ireland = (Stack(cloud, region, eventually) for region in (US, EU))
    ledger = GlobalDatabase(cloud, eventually, NAME)

    # Nothing else orders two regions' stacks: a member needs its global database.
    assert ireland.create(born_here=False) == "ROLLBACK_COMPLETE"
    assert "GlobalClusterNotFoundFault" in ireland.reasons()
    ireland.delete()

    assert virginia.create(born_here=True) == "CREATE_COMPLETE"
    assert ireland.create(born_here=False) == "CREATE_COMPLETE"
    assert ledger.server(EU).is_in_recovery() and not ledger.server(US).is_in_recovery()
    assert cloud.rds.endpoints()[f"{NAME}-{EU}.cluster-c0twin.{EU}.rds.amazonaws.com"] == "127.0.212.10"
    writers = [each["IsClusterWriter"] for region in (US, EU) for each in ledger.cluster(region)["DBClusterMembers"]]
    assert writers == [True, False, False, False]

    ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    eventually(lambda: ledger.settled(EU))
    eventually(lambda: ledger.synchronization(US) == "connected")

    # Both templates still fit: what has changed since is said by neither.
    for stack, born_here in ((virginia, True), (ireland, False)):
        assert stack.update(born_here=born_here, days=8) == "UPDATE_COMPLETE"
    assert ledger.settled(EU) and ledger.server(US).is_in_recovery()
    assert ledger.cluster(US)["BackupRetentionPeriod"] == 8

    assert ireland.delete() == "DELETE_FAILED"
    assert ledger.server(EU).running
