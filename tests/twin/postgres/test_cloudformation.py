"""AWS::RDS::DBInstance through stacks: a template makes real servers, and what it changes is what AWS does."""

import json
from typing import Any

import psycopg
import pytest

from tests.twin.postgres.stage import ACCOUNT, MASTER, Cloud, Eventually

pytestmark = pytest.mark.twin

SOURCE_ARN = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:stacked-us"
PRIMARY = {
    "DBInstanceIdentifier": "stacked-us",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "postgres",
    "AllocatedStorage": "20",
    "MasterUsername": MASTER.user,
    "MasterUserPassword": MASTER.password,
    "DBName": MASTER.database,
    "BackupRetentionPeriod": 7,
    "MultiAZ": True,
}
REPLICA = {
    "DBInstanceIdentifier": "stacked-eu",
    "DBInstanceClass": "db.t4g.micro",
    "SourceDBInstanceIdentifier": SOURCE_ARN,
    "BackupRetentionPeriod": 7,
    "DeletionProtection": True,
}


def template(properties: dict[str, Any]) -> str:
    return json.dumps(
        {
            "Resources": {
                "Orders": {
                    "Type": "AWS::RDS::DBInstance",
                    "DeletionPolicy": "Delete",
                    "Properties": properties,
                }
            },
            "Outputs": {"Address": {"Value": {"Fn::GetAtt": ["Orders", "Endpoint.Address"]}}},
        }
    )


class Stack:
    """One stack, and waiting for its end state."""

    def __init__(self, cloud: Cloud, region: str, eventually: Eventually) -> None:
        self.client = cloud.client("cloudformation", region)
        self.eventually = eventually

    def create(self, properties: dict[str, Any]) -> str:
        self.client.create_stack(StackName="orders", TemplateBody=template(properties))
        return self.settled()

    def update(self, properties: dict[str, Any]) -> str:
        self.client.update_stack(StackName="orders", TemplateBody=template(properties))
        return self.settled()

    def delete(self) -> str:
        stack = self.client.describe_stacks(StackName="orders")["Stacks"][0]["StackId"]
        self.client.delete_stack(StackName="orders")
        return self.settled(stack)

    def settled(self, stack: str = "orders") -> str:
        self.eventually(lambda: not self.status(stack).endswith("IN_PROGRESS"))
        return self.status(stack)

    def status(self, stack: str) -> str:
        return str(self.client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def output(self) -> str:
        return str(self.client.describe_stacks(StackName="orders")["Stacks"][0]["Outputs"][0]["OutputValue"])

    def reasons(self) -> str:
        events = self.client.describe_stack_events(StackName="orders")["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_template_makes_promotes_and_never_replaces_a_named_replica(cloud: Cloud, eventually: Eventually) -> None:
    virginia, ireland = (Stack(cloud, region, eventually) for region in ("us-east-1", "eu-west-1"))

    # A replica needs its source: nothing else orders two regions' stacks.
    assert ireland.create(REPLICA) == "ROLLBACK_COMPLETE"
    assert SOURCE_ARN in ireland.reasons()
    ireland.delete()

    assert virginia.create(PRIMARY) == "CREATE_COMPLETE"
    assert virginia.output() == "stacked-us.c0twin.us-east-1.rds.amazonaws.com"
    assert ireland.create(REPLICA) == "CREATE_COMPLETE"
    found = cloud.describe("eu-west-1", "stacked-eu")
    assert found["ReadReplicaSourceDBInstanceIdentifier"] == SOURCE_ARN
    assert (found["DBName"], found["MasterUsername"]) == (MASTER.database, MASTER.user)
    assert {each["Key"].rpartition(":")[2] for each in found["TagList"]} == {"stack-name", "stack-id", "logical-id"}
    replica = cloud.rds.server("eu-west-1", "stacked-eu")
    assert replica.is_in_recovery()
    with cloud.rds.server("us-east-1", "stacked-us").connect("orders") as session:
        session.execute("create table numbers as select 1 as n")

    # What has nothing to do with the source changes in place.
    assert ireland.update({**REPLICA, "DBInstanceClass": "db.t4g.large"}) == "UPDATE_COMPLETE"
    assert cloud.describe("eu-west-1", "stacked-eu")["DBInstanceClass"] == "db.t4g.large"
    assert replica.is_in_recovery()

    # Taken out of the template, the source's name promotes.
    alone = {name: value for name, value in REPLICA.items() if name != "SourceDBInstanceIdentifier"}
    assert ireland.update(alone) == "UPDATE_COMPLETE"
    assert not replica.is_in_recovery()
    assert not cloud.describe("eu-west-1", "stacked-eu").get("ReadReplicaSourceDBInstanceIdentifier")
    with replica.connect("orders") as session:
        assert session.execute("select n from numbers").fetchone() == (1,)

    # Put in, it would replace, which a named resource refuses.
    assert ireland.update(REPLICA) == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource" in ireland.reasons()
    assert cloud.rds.server("eu-west-1", "stacked-eu") is replica
    assert not replica.is_in_recovery()

    # Protected from deletion until somebody says otherwise.
    assert ireland.delete() == "DELETE_FAILED"
    assert replica.running
    cloud.client("rds", "eu-west-1").modify_db_instance(DBInstanceIdentifier="stacked-eu", DeletionProtection=False)
    assert ireland.delete() == "DELETE_COMPLETE"
    assert not replica.running
    assert list(cloud.rds.endpoints()) == ["stacked-us.c0twin.us-east-1.rds.amazonaws.com"]
    assert virginia.delete() == "DELETE_COMPLETE"


def test_a_password_changes_in_the_server_and_a_change_set_announces_a_replacement(
    cloud: Cloud, eventually: Eventually
) -> None:
    virginia = Stack(cloud, "us-east-1", eventually)
    virginia.create(PRIMARY)
    assert virginia.update({**PRIMARY, "MasterUserPassword": "battery staple"}) == "UPDATE_COMPLETE"
    server = cloud.rds.server("us-east-1", "stacked-us")
    psycopg.connect(
        host=server.address, port=server.port, user=MASTER.user, password="battery staple", dbname="orders"
    ).close()
    virginia.client.create_change_set(
        StackName="orders",
        ChangeSetName="demote",
        TemplateBody=template({**PRIMARY, "SourceDBInstanceIdentifier": SOURCE_ARN}),
    )
    eventually(
        lambda: (
            virginia.client.describe_change_set(StackName="orders", ChangeSetName="demote")["Status"]
            == "CREATE_COMPLETE"
        )
    )
    changes = virginia.client.describe_change_set(StackName="orders", ChangeSetName="demote")["Changes"]
    assert changes[0]["ResourceChange"]["Replacement"] == "Conditional"
    virginia.delete()
