from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.twin.aws.conftest import ASIA, EU, US, Client, Deploy
from twin.aws import EmulatedAws, Failure
from twin.aws.calls import Call
from twin.aws.outages.rules import Rules

RESET = (ConnectionClosedError, EndpointConnectionError)
CALL = Call(EU, US, "dynamodb", "PutItem")


def put(table: Any, **item: Any) -> None:
    table.put_item(TableName="items", Item={name: {"S": value} for name, value in item.items()})


def make_table(client: Client, region: str) -> None:
    client("dynamodb", region).create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.parametrize(
    ("rules", "fails"),
    [
        (Rules(), False),
        (Rules().with_region(US, Failure.HANG), True),
        (Rules().with_region(EU, Failure.HANG), True),
        (Rules().with_region(ASIA, Failure.HANG), False),
        (Rules().with_service("dynamodb", "*", Failure.THROTTLED), True),
        (Rules().with_service("dynamodb", EU, Failure.THROTTLED), False),
        (Rules().with_service("rds", US, Failure.THROTTLED), False),
        (Rules().with_cut(EU, US, Failure.RESET), True),
        (Rules().with_cut(US, EU, Failure.RESET), False),
        (Rules().with_cut("*", US, Failure.RESET), True),
        (Rules().with_cut(EU, "*", Failure.RESET).without_cut(EU, "*"), False),
    ],
)
def test_a_call_fails_by_target_source_service_or_path(rules: Any, fails: Any) -> None:
    assert (rules.against(CALL) is not None) is fails


def test_a_region_reaches_itself_and_the_operator_reaches_all_over_any_cut() -> None:
    rules = Rules().with_cut("*", US, Failure.HANG).with_cut(US, "*", Failure.HANG)
    assert rules.against(Call(US, US, "sts", "GetCallerIdentity")) is None
    assert rules.against(Call("operator", US, "sts", "GetCallerIdentity")) is None


def test_the_listener_says_where_a_call_comes_from(aws: EmulatedAws, client: Client) -> None:
    client("sts", ASIA, source=EU).get_caller_identity()
    assert aws.calls.count(service="sts", source=EU, target=ASIA) == 1


def test_a_hanging_region_answers_nobody_until_it_is_back(aws: EmulatedAws, client: Client) -> None:
    aws.outages.region_down(EU)
    with pytest.raises(ReadTimeoutError):
        client("sts", EU, patience=0.3).get_caller_identity()
    assert client("sts", US).get_caller_identity()["Account"] == aws.account
    aws.outages.region_up(EU)
    assert client("sts", EU).get_caller_identity()["Account"] == aws.account


@pytest.mark.parametrize("service", ["sts", "dynamodb", "lambda", "route53", "s3", "ec2"])
def test_an_error_reaches_the_sdk_in_the_protocol_of_the_service(
    aws: EmulatedAws, client: Client, service: Any
) -> None:
    ask: Any = {
        "sts": lambda c: c.get_caller_identity(),
        "dynamodb": lambda c: c.list_tables(),
        "lambda": lambda c: c.list_functions(),
        "route53": lambda c: c.list_hosted_zones(),
        "s3": lambda c: c.list_buckets(),
        "ec2": lambda c: c.describe_vpcs(),
    }[service]
    aws.outages.service_down(service)
    with pytest.raises(ClientError) as failed:
        ask(client(service))
    assert failed.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    aws.outages.service_up(service)
    aws.outages.throttle(service, US)
    with pytest.raises(ClientError, match="ThrottlingException"):
        ask(client(service))
    aws.outages.service_up(service, US)
    ask(client(service))


def test_a_cut_is_directed_and_an_isolated_region_reaches_itself(aws: EmulatedAws, client: Client) -> None:
    aws.outages.cut(US, EU, Failure.RESET)
    with pytest.raises(RESET):
        client("sts", EU, source=US).get_caller_identity()
    client("sts", US, source=EU).get_caller_identity()
    aws.outages.heal(US, EU)
    aws.outages.isolate(ASIA, Failure.RESET)
    for source, target in ((ASIA, US), (US, ASIA)):
        with pytest.raises(RESET):
            client("sts", target, source=source).get_caller_identity()
    client("sts", ASIA, source=ASIA).get_caller_identity()
    client("sts", ASIA).get_caller_identity()


def test_a_place_that_the_twin_has_not_is_refused(aws: EmulatedAws) -> None:
    with pytest.raises(KeyError, match="mars-1: not a region of this twin"):
        aws.outages.region_down("mars-1")


def test_who_asks_is_told_of_a_loss_once(aws: EmulatedAws) -> None:
    seen = []
    aws.outages.on_region_down(lambda region: seen.append(("down", region)))
    aws.outages.on_region_up(lambda region: seen.append(("up", region)))
    aws.outages.region_down(EU)
    aws.outages.region_down(EU, Failure.RESET)
    assert aws.outages.is_down(EU)
    aws.outages.heal_all()
    assert seen == [("down", EU), ("up", EU)]
    assert not aws.outages.is_down(EU)


def test_the_next_calls_are_refused_and_no_others(aws: EmulatedAws, client: Client) -> None:
    aws.faults.fail_next("dynamodb", "ListTables", code="InternalServerError", status=500, region=EU, times=2)
    client("dynamodb", US).list_tables()
    for _ in range(2):
        with pytest.raises(ClientError, match="InternalServerError"):
            client("dynamodb", EU).list_tables()
    client("dynamodb", EU).list_tables()


def test_a_lost_answer_belongs_to_a_call_that_took_effect(aws: EmulatedAws, client: Client) -> None:
    make_table(client, US)
    aws.faults.lose_next_answer("dynamodb", "PutItem")
    with pytest.raises(RESET):
        put(client("dynamodb"), id="written")
    assert "Item" in client("dynamodb").get_item(TableName="items", Key={"id": {"S": "written"}})


def test_a_late_answer_belongs_to_a_call_that_took_effect_at_once(aws: EmulatedAws, client: Client) -> None:
    make_table(client, US)
    aws.faults.delay_next("dynamodb", "PutItem", seconds=0.3)
    begun = time.monotonic()
    put(client("dynamodb"), id="written")
    assert 0.3 <= time.monotonic() - begun < 0.9


def test_a_call_under_way_dies_with_its_region(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = function("import time\ndef handle(event, context):\n    time.sleep(30)\n", EU, Timeout=60)
    threading.Timer(0.5, aws.outages.region_down, (EU, Failure.RESET)).start()
    begun = time.monotonic()
    with pytest.raises(RESET):
        client("lambda", EU, source=US, patience=10).invoke(FunctionName=name)
    assert time.monotonic() - begun < 5
