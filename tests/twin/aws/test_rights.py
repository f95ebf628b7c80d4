"""What functions may do: judged by the policies of their roles, and told when it is refused."""

import json
from typing import Any

import pytest

from tests.twin.aws.conftest import EU, US, Client, Deploy
from twin.aws import EmulatedAws
from twin.aws.rights.questions import can_be_judged, contexts_of, resource_of

TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/"

CALLS = """
    import boto3

    def handle(event, context):
        client = boto3.client(event["service"], region_name=event.get("region", "us-east-1"))
        try:
            getattr(client, event["call"])(**event["asked"])
        except client.exceptions.ClientError as exc:
            return exc.response["Error"]["Code"]
        return "done"
"""


@pytest.fixture
def allowed(client: Client, function: Deploy) -> Any:
    """Deploy a function whose role has one statement, and return what calls it."""

    def deployed(actions: list[str], resources: list[str], condition: Any = None) -> Any:
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        policy = {"Statement": [statement | ({"Condition": condition} if condition else {})]}
        iam = client("iam")
        role = iam.create_role(RoleName="narrow", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.put_role_policy(RoleName="narrow", PolicyName="own", PolicyDocument=json.dumps(policy))
        name = function(CALLS, role=role, Timeout=10)

        def call(service: str, call: str, region: str = US, **asked: Any) -> str:
            event = {"service": service, "call": call, "asked": asked, "region": region}
            answer = client("lambda", US, patience=20).invoke(FunctionName=name, Payload=json.dumps(event))
            told: str = json.loads(answer["Payload"].read())
            return told

        return call

    return deployed


@pytest.fixture
def tables(client: Client) -> None:
    for name in ("mine", "theirs"):
        client("dynamodb", US).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@pytest.mark.usefixtures("tables")
def test_a_function_may_do_what_its_role_may_and_nothing_else(aws: EmulatedAws, allowed: Any) -> None:
    call = allowed(["dynamodb:GetItem"], [f"{TABLE}mine"])
    key = {"id": {"S": "1"}}
    assert call("dynamodb", "get_item", TableName="mine", Key=key) == "done"
    assert aws.rights.refused() == ()
    assert call("dynamodb", "get_item", TableName="theirs", Key=key) == "AccessDeniedException"
    assert call("dynamodb", "put_item", TableName="mine", Item=key) == "AccessDeniedException"
    read, wrote = aws.rights.refused()
    assert (read.who, read.action, read.resource) == ("narrow/function-0", "dynamodb:GetItem", f"{TABLE}theirs")
    assert str(wrote) == f"narrow/function-0 may not dynamodb:PutItem on {TABLE}mine"


@pytest.mark.usefixtures("tables")
def test_what_is_refused_again_is_told_once(aws: EmulatedAws, allowed: Any) -> None:
    call = allowed(["dynamodb:GetItem"], [f"{TABLE}mine"])
    for _ in range(2):
        assert call("dynamodb", "get_item", TableName="theirs", Key={"id": {"S": "1"}}) == "AccessDeniedException"
    assert len(aws.rights.refused()) == 1


def test_a_figure_is_published_in_the_namespace_that_its_condition_names(aws: EmulatedAws, allowed: Any) -> None:
    call = allowed(["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": "Lifeboat"}})
    figure = [{"MetricName": "m", "Value": 1.0}]
    assert call("cloudwatch", "put_metric_data", Namespace="Lifeboat", MetricData=figure) == "done"
    assert call("cloudwatch", "put_metric_data", Namespace="Else", MetricData=figure).startswith("AccessDenied")
    assert [each.action for each in aws.rights.refused()] == ["cloudwatch:PutMetricData"]


def test_a_key_is_found_by_the_alias_that_its_condition_names(aws: EmulatedAws, client: Client, allowed: Any) -> None:
    for alias in ("alias/zone", "alias/else"):
        key = client("kms", EU).create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        client("kms", EU).create_alias(AliasName=alias, TargetKeyId=key)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/zone"}}
    call = allowed(["kms:DescribeKey"], [f"arn:aws:kms:{EU}:111122223333:key/*"], condition)
    assert call("kms", "describe_key", EU, KeyId="alias/zone") == "done"
    assert call("kms", "describe_key", EU, KeyId="alias/else") == "AccessDeniedException"
    assert call("kms", "describe_key", EU, KeyId="alias/nothing") == "AccessDeniedException"
    assert [each.action for each in aws.rights.refused()] == ["kms:DescribeKey"] * 2


def test_each_event_of_a_call_must_have_a_source_that_may_send(aws: EmulatedAws, allowed: Any) -> None:
    bus = [f"arn:aws:events:{region}:111122223333:event-bus/default" for region in (US, EU)]
    call = allowed(["events:PutEvents"], bus, {"StringEquals": {"events:source": "lifeboat"}})

    def event(source: str) -> dict[str, str]:
        return {"Source": source, "DetailType": "d", "Detail": "{}"}

    assert call("events", "put_events", EU, Entries=[event("lifeboat"), event("lifeboat")]) == "done"
    assert call("events", "put_events", Entries=[event("lifeboat"), event("else")]) == "AccessDeniedException"
    assert len(aws.rights.refused()) == 1


def test_a_role_that_is_not_there_may_do_nothing(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = function(CALLS, role="arn:aws:iam::111122223333:role/nobody", Timeout=10)
    event = json.dumps({"service": "sns", "call": "list_topics", "asked": {}})
    answer = client("lambda", US, patience=20).invoke(FunctionName=name, Payload=event)
    assert json.loads(answer["Payload"].read()) == "AuthorizationError"
    assert [each.action for each in aws.rights.refused()] == ["sns:ListTopics"]


@pytest.mark.usefixtures("tables")
def test_who_is_at_the_command_line_may_do_everything(aws: EmulatedAws, client: Client) -> None:
    client("dynamodb", US).put_item(TableName="theirs", Item={"id": {"S": "1"}})
    assert aws.rights.refused() == ()


def test_a_node_group_is_a_resource_of_its_own() -> None:
    cluster = "arn:aws:eks:eu-west-1:1:cluster/product"
    told = resource_of("eks", "/clusters/product/node-groups/general/update-config", {}, "1", cluster)
    assert told.startswith("arn:aws:eks:eu-west-1:1:nodegroup/product/general/")
    assert resource_of("eks", "/clusters/product", {}, "1", cluster) == cluster
    assert resource_of("dynamodb", "/clusters/product/node-groups/general", {}, "1", cluster) == cluster


def test_a_global_database_is_a_resource_of_no_region() -> None:
    asked = {"GlobalClusterIdentifier": ["orders"], "TargetDbClusterIdentifier": ["arn:aws:rds:eu-west-1:1:cluster:o"]}
    assert resource_of("rds", "/", asked, "1", "*") == "arn:aws:rds::1:global-cluster:orders"
    assert resource_of("rds", "/", {"DBInstanceIdentifier": ["orders"]}, "1", "found") == "found"
    asked = {"GlobalReplicationGroupId": ["cache"]}
    assert resource_of("elasticache", "/", asked, "1", "*") == "arn:aws:elasticache::1:globalreplicationgroup:cache"


def test_what_nothing_is_known_of_has_no_keys_of_its_own() -> None:
    assert contexts_of("rds:PromoteReadReplica", b"Action=PromoteReadReplica") == ({},)
    assert contexts_of("cloudwatch:PutMetricData", b"Namespace=Lifeboat&Version=1") == (
        {"cloudwatch:namespace": "Lifeboat"},
    )
    assert not can_be_judged("ec2:CreateTransitGatewayRoute")
    assert can_be_judged("ec2:DescribeInstances")
