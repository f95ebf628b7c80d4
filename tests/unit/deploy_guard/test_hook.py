"""The hook's function: CloudFormation's question in, its answer out, and what cannot be known is refused."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from failover.errors import RequestInvalidError
from failover.procedures.deploy_guard import PayloadUnreadableError, begin_deploying, end_deploying, guard_deployment
from failover.procedures.deploy_guard import override as say_override
from failover.records import WordKind
from tests.products import EU, US
from tests.unit.deploy_guard.deployments import STACK, bucket, replica, template
from tests.worlds import World

ARN = f"arn:aws:cloudformation:{EU}:111122223333:stack/{STACK}/1a2345b6"
BEFORE = template(Orders=replica(), Objects=bucket())
PROMOTED = template(Orders=replica(SourceDBInstanceIdentifier=None), Objects=bucket())


class Laid:
    """A payload as it lies in S3."""

    def __init__(self, payload: Mapping[str, Any] | None) -> None:
        self._payload = payload

    def fetch(self, url: str) -> Mapping[str, Any]:
        if self._payload is None:
            raise PayloadUnreadableError(f"payload: gone from {url}")
        return self._payload


def event(target: str = "STACK", point: str = "UPDATE_PRE_PROVISION") -> dict[str, Any]:
    return {
        "clientRequestToken": "token",
        "awsAccountId": "111122223333",
        "stackId": ARN,
        "changeSetId": None,
        "actionInvocationPoint": point,
        "requestData": {"targetName": target, "targetType": target, "targetLogicalId": STACK, "payload": "https://s3"},
    }


def stack_payload(after: Any = PROMOTED) -> dict[str, str]:
    return {"template": json.dumps(after), "previousTemplate": json.dumps(BEFORE)}


def change_set_payload() -> dict[str, Any]:
    def context(properties: Any) -> str:
        return json.dumps({"Properties": properties})

    changed = {
        "logicalResourceId": "Orders",
        "resourceType": "AWS::RDS::DBInstance",
        "action": "UPDATE",
        "lineNumber": 2,
        "beforeContext": context({**BEFORE["Resources"]["Orders"]["Properties"], "DeletionProtection": "true"}),
        "afterContext": context({**PROMOTED["Resources"]["Orders"]["Properties"], "DeletionProtection": "true"}),
    }
    return {"template": json.dumps(PROMOTED), "changedResources": [changed]}


PAYLOADS = {"STACK": stack_payload(), "CHANGE_SET": change_set_payload()}


@pytest.mark.parametrize("target", PAYLOADS)
def test_a_promotion_by_template_is_refused_wherever_it_is_read(target: str) -> None:
    world = World()
    answer = guard_deployment(world.ports(EU), event(target), Laid(PAYLOADS[target]))
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "NonCompliant")
    assert answer["clientRequestToken"] == "token"
    assert "SourceDBInstanceIdentifier" in answer["message"]
    assert "DEPLOYMENT_REFUSED" in world.kinds()


@pytest.mark.parametrize("target", PAYLOADS)
def test_an_override_lets_it_pass_until_it_expires(target: str) -> None:
    world = World()
    ports = world.ports(EU)
    about = f"{STACK}/Orders"
    say_override(ports, world.topology, about, "ada", "we know", lasts=timedelta(minutes=30))
    answer = guard_deployment(ports, event(target), Laid(PAYLOADS[target]))
    assert answer["hookStatus"] == "SUCCESS"
    assert "ada overrode" in answer["message"]
    assert world.kinds()[-2:] == ["OVERRIDE", "DEPLOYMENT_OVERRIDDEN"]
    world.clock.sleep(30 * 60)
    assert guard_deployment(ports, event(target), Laid(PAYLOADS[target]))["hookStatus"] == "FAILED"


def test_what_changes_nothing_that_is_kept_goes_on() -> None:
    after = template(**BEFORE["Resources"], Topic={"Type": "AWS::SNS::Topic"})
    answer = guard_deployment(World().ports(EU), event(), Laid(stack_payload(after)))
    assert answer == {
        "hookStatus": "SUCCESS",
        "message": f"{STACK}: nothing that is kept changes",
        "clientRequestToken": "token",
    }


def test_in_an_incident_everything_is_refused() -> None:
    world = World()
    world.run(30)
    world.kill(US)
    world.during("ChooseTarget", lambda: seen.append(guard_deployment(world.ports(EU), event(), Laid(nothing))))
    nothing, seen = stack_payload(BEFORE), list[dict[str, Any]]()
    world.run(120)
    (answer,) = seen
    assert answer["hookStatus"] == "FAILED"
    assert f"({US}, OPEN) is open" in answer["message"]
    # Closed, it is over.
    assert guard_deployment(world.ports(EU), event(), Laid(nothing))["hookStatus"] == "SUCCESS"


def test_a_deletion_is_refused_without_a_look_at_templates_that_it_does_not_have() -> None:
    answer = guard_deployment(World().ports(EU), event(point="DELETE_PRE_PROVISION"), Laid(None))
    assert "would be deleted" in answer["message"]


def test_when_the_store_is_out_of_reach_nothing_is_deployed() -> None:
    world = World()
    world.store.reachable = False
    answer = guard_deployment(world.ports(EU), event(), Laid(stack_payload(BEFORE)))
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "InternalFailure")
    assert "docs/deploying.md" in answer["message"]


@pytest.mark.parametrize(
    "payload",
    [None, {"template": "Resources:\n  A: 1\n", "previousTemplate": ""}, {"template": "[]", "previousTemplate": ""}],
    ids=["gone", "yaml", "no object"],
)
def test_what_cannot_be_read_is_refused(payload: Any) -> None:
    answer = guard_deployment(World().ports(EU), event(), Laid(payload))
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "InternalFailure")


def test_an_unknown_kind_of_question_is_refused() -> None:
    assert guard_deployment(World().ports(EU), event("RESOURCE"), Laid({}))["hookStatus"] == "FAILED"


def test_a_reason_fits_into_what_cloudformation_keeps() -> None:
    many = template(**{f"Orders{number}": replica(DBInstanceIdentifier=f"x{number}") for number in range(20)})
    payload = {"template": json.dumps(template()), "previousTemplate": json.dumps(many)}
    message = guard_deployment(World().ports(EU), event(), Laid(payload))["message"]
    assert len(message) <= 1000
    assert "20 reasons" in message


@pytest.mark.parametrize("about", ["orders", "lifeboat-bank-regional-eu-west-1"])
def test_an_override_about_nothing_of_this_product_is_refused(about: str) -> None:
    world = World()
    with pytest.raises(RequestInvalidError, match="lifeboat-quickstart-"):
        say_override(world.ports(EU), world.topology, about, "ada", "we know", lasts=timedelta(minutes=30))
    with pytest.raises(RequestInvalidError, match="at most"):
        say_override(world.ports(EU), world.topology, STACK, "ada", "we know", lasts=timedelta(days=2))


def test_a_deployment_is_said_while_it_lasts() -> None:
    world = World()
    ports = world.ports(EU)
    begin_deploying(ports, US, "ada", STACK)
    word = world.store.word(WordKind.DEPLOYING, US)
    assert word is not None
    assert word.counts(world.clock.now())
    end_deploying(ports, US, "ada", "done")
    assert world.store.word(WordKind.DEPLOYING, US) is None
    assert world.kinds()[-2:] == ["DEPLOYING", "DEPLOYED"]
