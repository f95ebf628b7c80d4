"""CloudFormation asks its hooks, and does not go on against their word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import US, Client, Deploy, DeployStack

FUNCTION = """
import json, urllib.request

def handle(event, context):
    payload = json.load(urllib.request.urlopen(event["requestData"]["payload"]))
    print("ASKED " + json.dumps({"event": event, "payload": payload}))
    refused = "forbidden" in json.dumps(payload.get("changedResources") or payload["template"])
    refused = refused or event["actionInvocationPoint"] == "DELETE_PRE_PROVISION"
    return {"hookStatus": "FAILED" if refused else "SUCCESS", "errorCode": "NonCompliant",
            "message": "it is forbidden", "clientRequestToken": event["clientRequestToken"]}
"""
ALIAS = "Lifeboat::small::DeployGuard"
Guard = Callable[..., None]


def topic(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "FifoTopic": False}}


@pytest.fixture
def guard(function: Deploy, deploy: DeployStack) -> Guard:
    def made(source: str = FUNCTION, **changes: Any) -> None:
        name = function(source, Timeout=10)
        properties = {
            "Alias": ALIAS,
            "ExecutionRole": "arn:aws:iam::111122223333:role/any",
            "FailureMode": "FAIL",
            "HookStatus": "ENABLED",
            "LambdaFunction": f"arn:aws:lambda:{US}:111122223333:function:{name}",
            "TargetOperations": ["STACK", "CHANGE_SET"],
            "StackFilters": {"FilteringCriteria": "ALL", "StackNames": {"Include": ["guarded*"]}},
            **changes,
        }
        deploy({"Hook": {"Type": "AWS::CloudFormation::LambdaHook", "Properties": properties}}, name="hooks")

    return made


def asked(aws: Any) -> list[dict[str, Any]]:
    lines = (line.text for number in range(3) for line in aws.functions.log(US, f"function-{number}"))
    return [json.loads(line.partition("ASKED ")[2]) for line in lines if "ASKED " in line]


def change_set(client: Client, resources: Any, name: str = "guarded") -> Any:
    stacks = client("cloudformation", patience=20)
    stacks.create_change_set(
        StackName=name, ChangeSetName="prepared", TemplateBody=json.dumps({"Resources": resources})
    )
    return stacks.describe_change_set(StackName=name, ChangeSetName="prepared")


def test_a_stack_that_the_hook_allows_is_made_and_one_that_it_refuses_is_not(
    client: Client, deploy: DeployStack, guard: Guard
) -> None:
    guard()
    assert deploy({"Topic": topic("allowed")}, name="guarded")["StackStatus"] == "CREATE_COMPLETE"
    refused = deploy({"Topic": topic("forbidden")}, name="guarded-too")
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"
    assert refused["StackStatusReason"] == f"The following hook(s) failed: [{ALIAS}]"
    topics = [each["TopicArn"].rpartition(":")[2] for each in client("sns").list_topics()["Topics"]]
    assert topics == ["allowed"]
    results = client("cloudformation").list_hook_results(TargetType="STACK", TargetId=refused["StackId"])
    (result,) = results["HookResults"]
    assert (result["Status"], result["TypeName"]) == ("HOOK_COMPLETE_FAILED", ALIAS)
    assert result["HookStatusReason"] == "Hook failed with message: it is forbidden"


def test_a_refused_update_leaves_the_stack_as_it_was(
    aws: Any, client: Client, deploy: DeployStack, guard: Guard
) -> None:
    guard()
    deploy({"Topic": topic("allowed")}, name="guarded")
    updated = deploy({"Topic": topic("allowed"), "Other": topic("forbidden")}, name="guarded")
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    stacks = client("cloudformation")
    assert list(stacks.get_template(StackName="guarded")["TemplateBody"]["Resources"]) == ["Topic"]
    last = asked(aws)[-1]
    assert last["event"]["actionInvocationPoint"] == "UPDATE_PRE_PROVISION"
    assert last["event"]["requestData"]["targetLogicalId"] == "guarded"
    assert "forbidden" not in last["payload"]["previousTemplate"]
    # It can be updated again.
    assert deploy({"Other": topic("other")}, name="guarded")["StackStatus"] == "UPDATE_COMPLETE"


def test_a_refused_deletion_deletes_nothing(client: Client, deploy: DeployStack, guard: Guard) -> None:
    guard()
    deploy({"Topic": topic("allowed")}, name="guarded")
    client("cloudformation", patience=20).delete_stack(StackName="guarded")
    (stack,) = client("cloudformation", patience=20).describe_stacks(StackName="guarded")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert client("sns").list_topics()["Topics"]


def test_a_change_set_is_judged_when_it_is_made(aws: Any, client: Client, deploy: DeployStack, guard: Guard) -> None:
    guard()
    deploy({"Topic": topic("allowed"), "Gone": topic("gone")}, name="guarded")
    made = change_set(client, {"Topic": topic("forbidden")})
    assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert made["StatusReason"] == f"Change set creation failed. The following hook(s) failed: [{ALIAS}]"
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        client("cloudformation").execute_change_set(StackName="guarded", ChangeSetName="prepared")
    told = asked(aws)[-1]
    changed = {each["logicalResourceId"]: each for each in told["payload"]["changedResources"]}
    assert changed["Gone"]["action"] == "DELETE"
    assert changed["Gone"]["afterContext"] is None
    assert json.loads(changed["Topic"]["beforeContext"])["Properties"] == {"TopicName": "allowed", "FifoTopic": "false"}
    assert told["event"]["requestData"]["targetName"] == "CHANGE_SET"


def test_an_allowed_change_set_is_executed_and_asked_about_once_more(
    aws: Any, client: Client, deploy: DeployStack, guard: Guard
) -> None:
    guard()
    deploy({"Topic": topic("allowed")}, name="guarded")
    made = change_set(client, {"Topic": topic("allowed"), "New": topic("new")})
    assert made["ExecutionStatus"] == "AVAILABLE"
    client("cloudformation").execute_change_set(StackName="guarded", ChangeSetName="prepared")
    (stack,) = client("cloudformation", patience=20).describe_stacks(StackName="guarded")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    last = asked(aws)[-1]["event"]
    assert (last["requestData"]["targetName"], last["changeSetId"]) == ("STACK", made["ChangeSetId"])


def test_a_hook_that_fails_refuses_and_one_that_only_warns_does_not(deploy: DeployStack, guard: Guard) -> None:
    guard("def handle(event, context): raise ValueError('broken')")
    assert deploy({"Topic": topic("one")}, name="guarded-one")["StackStatus"] == "ROLLBACK_COMPLETE"
    guard(FailureMode="WARN")
    assert deploy({"Topic": topic("forbidden")}, name="guarded-two")["StackStatus"] == "CREATE_COMPLETE"


def test_it_can_be_switched_off_by_hand(client: Client, deploy: DeployStack, guard: Guard) -> None:
    guard()
    hook = {"HookInvocationStatus": "DISABLED", "TargetOperations": ["STACK"], "FailureMode": "FAIL", "Properties": {}}
    client("cloudformation").set_type_configuration(
        Type="HOOK",
        TypeName=ALIAS,
        Configuration=json.dumps({"CloudFormationConfiguration": {"HookConfiguration": hook}}),
    )
    assert deploy({"Topic": topic("forbidden")}, name="guarded")["StackStatus"] == "CREATE_COMPLETE"


def test_other_stacks_are_not_asked_about(deploy: DeployStack, guard: Guard) -> None:
    guard()
    assert deploy({"Topic": topic("forbidden")}, name="elsewhere")["StackStatus"] == "CREATE_COMPLETE"
