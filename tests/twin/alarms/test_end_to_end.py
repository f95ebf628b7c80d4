"""Through boto3 and a served MiniStack: an alarm's change reaches a queue by way of an EventBridge rule."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.twin.alarms.clouds import ACCOUNT, HERE, THERE
from tests.twin.alarms.published import request
from twin.aws import settings
from twin.aws.alarms import AlarmEvaluator
from twin.aws.listeners import Listeners

# After the settings, which say how MiniStack is imported.
from ministack.app import app  # isort: skip
from ministack.core.responses import request_scope  # isort: skip
from ministack.services import cloudwatch, eventbridge, sns, sqs  # isort: skip

SERVICES = (cloudwatch, eventbridge, sns, sqs)
HOST = "127.0.0.1"
PATIENCE_SECONDS = 40.0


def put_aws_event(region: str, event: dict[str, Any]) -> None:
    """Deliver an event of AWS's own to the default bus of a region."""
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event["resources"],
    }
    with request_scope(event["account"], region):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


@pytest.fixture
def endpoint() -> Iterator[str]:
    """MiniStack, served on loopback, with our evaluation running in its thread."""
    for service in SERVICES:
        service.reset()
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    listeners = Listeners(app, [(HOST, port)])
    evaluator = AlarmEvaluator(is_down=lambda _region: False, put_aws_event=put_aws_event, ingestion_seconds=0.5)
    listeners.start()
    evaluator.start()
    try:
        settings._tell_port(port)
        yield f"http://{HOST}:{port}"
    finally:
        evaluator.stop()
        listeners.stop()
        for service in SERVICES:
            service.reset()


def client(service: str, endpoint: str, region: str = HERE) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="twin",
        config=Config(retries={"max_attempts": 0}),
    )


def test_an_alarm_s_change_reaches_the_target_of_a_rule(endpoint: str) -> None:
    monitoring, events, queues = (client(service, endpoint) for service in ("cloudwatch", "events", "sqs"))
    queue = queues.create_queue(QueueName="told")["QueueUrl"]
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [{"prefix": "unreachable"}], "state": {"value": ["ALARM"]}},
    }
    events.put_rule(Name="wake", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="wake", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{HERE}:{ACCOUNT}:told"}])
    monitoring.put_metric_alarm(**request(Period=10, EvaluationPeriods=1))
    datum = {
        "MetricName": "Reachable",
        "Dimensions": [{"Name": "Region", "Value": THERE}],
        "Value": 0.0,
        "StorageResolution": 1,
    }
    # The period before this one: it is over, so the next evaluation sees it.
    at = time.time() - 10
    monitoring.put_metric_data(Namespace="Lifeboat", MetricData=[{**datum, "Timestamp": at}])

    message = received(queues, queue)

    event = json.loads(message["Body"])
    assert event["source"] == "aws.cloudwatch"
    assert event["detail"]["state"]["value"] == "ALARM"
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    [alarm] = monitoring.describe_alarms(AlarmNames=["unreachable"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert event["resources"] == [alarm["AlarmArn"]]
    assert event["detail"]["state"]["reason"] == alarm["StateReason"]
    assert alarm["StateTransitionedTimestamp"] == alarm["StateUpdatedTimestamp"]


def test_a_state_that_is_set_by_hand_is_told_at_once(endpoint: str) -> None:
    monitoring, events, queues = (client(service, endpoint) for service in ("cloudwatch", "events", "sqs"))
    queue = queues.create_queue(QueueName="told")["QueueUrl"]
    events.put_rule(Name="wake", EventPattern='{"source": ["aws.cloudwatch"]}')
    events.put_targets(Rule="wake", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{HERE}:{ACCOUNT}:told"}])
    monitoring.put_metric_alarm(**request(Period=60, EvaluationPeriods=5, TreatMissingData="ignore"))

    since = time.monotonic()
    monitoring.set_alarm_state(AlarmName="unreachable", StateValue="ALARM", StateReason="a drill")
    event = json.loads(received(queues, queue)["Body"])

    assert time.monotonic() - since < 3
    assert event["detail"]["state"]["reason"] == "a drill"


def test_an_alarm_notifies_its_topic(endpoint: str) -> None:
    monitoring, topics, queues = (client(service, endpoint) for service in ("cloudwatch", "sns", "sqs"))
    queue = queues.create_queue(QueueName="paged")["QueueUrl"]
    topic = topics.create_topic(Name="pages")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{HERE}:{ACCOUNT}:paged")
    monitoring.put_metric_alarm(**request(TreatMissingData="ignore", AlarmActions=[topic]))
    monitoring.set_alarm_state(AlarmName="unreachable", StateValue="ALARM", StateReason="a drill")

    page = json.loads(json.loads(received(queues, queue)["Body"])["Message"])

    assert page["AlarmName"] == "unreachable"
    assert (page["OldStateValue"], page["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert page["NewStateReason"] == "a drill"


def test_alarms_are_described_as_they_were_put(endpoint: str) -> None:
    monitoring = client("cloudwatch", endpoint)
    metric = {"Namespace": "Lifeboat", "MetricName": "Reachable", "Dimensions": [{"Name": "Region", "Value": THERE}]}
    queries = [
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 10, "Stat": "Minimum"}, "ReturnData": False},
        {"Id": "lost", "Expression": "1 - m1", "ReturnData": True},
    ]
    judged = {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    suppressor = {
        "ActionsSuppressor": "lost",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 30,
    }
    monitoring.put_metric_alarm(AlarmName="lost", Metrics=queries, **judged)
    monitoring.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(lost)", **suppressor)

    told = monitoring.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])

    [alarm], [composite] = told["MetricAlarms"], told["CompositeAlarms"]
    assert alarm["Metrics"] == queries
    assert {key: alarm[key] for key in judged} == judged
    assert {key: composite[key] for key in suppressor} == suppressor


def test_a_refusal_reaches_the_caller_as_an_api_error(endpoint: str) -> None:
    monitoring = client("cloudwatch", endpoint)

    with pytest.raises(monitoring.exceptions.ClientError) as refused:
        monitoring.put_metric_alarm(**request(ComparisonOperator="GreaterThanUpperThreshold"))

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert "use one of GreaterThanOrEqualToThreshold" in refused.value.response["Error"]["Message"]


def received(queues: Any, queue: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        messages = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        if messages:
            return messages[0]
    pytest.fail(f"nothing came within {PATIENCE_SECONDS} s")
