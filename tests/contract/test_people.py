"""Pages, executions, metrics and events, and the copy of one's own: in memory and on AWS."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from failover.adapters.aws import AwsLastKnown, AwsMachines, AwsPager, AwsTelemetry
from failover.adapters.aws import last_known as last_known_adapter
from failover.adapters.aws import machines as machines_adapter
from failover.adapters.aws import pager as pager_adapter
from failover.adapters.aws import telemetry as telemetry_adapter
from failover.adapters.memory import ManualClock, MemoryLastKnown, MemoryMachines
from failover.adapters.memory.surroundings import NOON
from failover.errors import TransientError
from failover.ports import LastKnown, Machines
from failover.topology import Names
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import EU, US, quickstart

TOPOLOGY = quickstart()
NAMES = Names(TOPOLOGY)
FAILURES = [*SILENCE, refusal("InternalFailure", 500), refusal("Throttling"), refusal("AccessDenied", 403)]


class TestMachines:
    @pytest.fixture(params=["memory", "aws"])
    def machines(self, request: pytest.FixtureRequest) -> Machines:
        if request.param == "memory":
            return MemoryMachines()
        request.getfixturevalue("aws")
        definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
        boto3.client("stepfunctions", EU).create_state_machine(
            name=NAMES.machine("failover"),
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::111122223333:role/machine",
        )
        # moto's account is its own, so the machine's ARN is not the one that the topology computes.
        account = boto3.client("sts", EU).get_caller_identity()["Account"]
        return AwsMachines(quickstart(account=account), EU)

    def test_the_same_name_again_is_the_same_execution(self, machines: Machines) -> None:
        first = machines.start("failover", "failover-1", {"a": 1})
        assert machines.start("failover", "failover-1", {"a": 1}) == first
        assert machines.start("failover", "failover-2", {"a": 1}) != first

    def test_another_input_under_the_same_name_starts_nothing(self, machines: Machines) -> None:
        first = machines.start("failover", "failover-1", {"a": 1})
        assert machines.start("failover", "failover-1", {"a": 2}) == first

    def test_the_machine_of_this_control_region_is_started_with_the_document(self) -> None:
        started: list[dict[str, Any]] = []

        def start_execution(**asked: Any) -> dict[str, str]:
            started.append(asked)
            return {"executionArn": "arn:one"}

        with answering(machines_adapter, {"start_execution": start_execution}) as asked:
            assert AwsMachines(TOPOLOGY, EU).start("failover", "failover-1", {"subject": US}) == "arn:one"
        assert asked == [("stepfunctions", EU)]
        (call,) = started
        assert call["stateMachineArn"] == NAMES.machine_arn("failover", EU)
        assert (call["name"], json.loads(call["input"])) == ("failover-1", {"subject": US})

    def test_one_that_exists_is_named_as_step_functions_names_it(self) -> None:
        with answering(machines_adapter, {"start_execution": raising(refusal("ExecutionAlreadyExists"))}):
            told = AwsMachines(TOPOLOGY, EU).start("failover", "failover-1", {})
        assert told == f"arn:aws:states:{EU}:111122223333:execution:lifeboat-quickstart-failover:failover-1"

    @pytest.mark.parametrize("error", FAILURES)
    def test_one_that_was_not_started_says_which(self, error: Exception) -> None:
        answers = {"start_execution": raising(error)}
        with answering(machines_adapter, answers), pytest.raises(TransientError, match="did not start failover-1"):
            AwsMachines(TOPOLOGY, EU).start("failover", "failover-1", {})


class TestPager:
    def pages(self, subject: str) -> str:
        """The subject as SNS gets it."""
        sent: list[dict[str, Any]] = []
        with answering(pager_adapter, {"publish": lambda **asked: sent.append(asked)}):
            AwsPager("arn:topic", EU).page(subject, "what happened: → all of it")
        (page,) = sent
        assert (page["TopicArn"], page["Message"]) == ("arn:topic", "what happened: → all of it")
        return str(page["Subject"])

    @pytest.mark.parametrize(
        ("subject", "sent"),
        [
            ("quickstart: us-east-1 needs you", "quickstart: us-east-1 needs you"),
            ("x" * 300, "x" * 99),
            ("orders → eu-west-1", "orders ? eu-west-1"),
            ("two\nlines\tand a tab\x7f", "two lines and a tab "),
        ],
    )
    def test_a_subject_is_made_such_that_sns_takes_it(self, subject: str, sent: str) -> None:
        assert self.pages(subject) == sent

    def test_sns_takes_the_longest_subject(self, aws: None) -> None:
        topic = boto3.client("sns", EU).create_topic(Name=NAMES.pages_topic)["TopicArn"]
        AwsPager(topic, EU).page("→\n" * 200, "text")

    @pytest.mark.parametrize("error", FAILURES)
    def test_a_page_that_was_not_taken_may_be_sent_again(self, error: Exception) -> None:
        with answering(pager_adapter, {"publish": raising(error)}), pytest.raises(TransientError, match="arn:topic"):
            AwsPager("arn:topic", EU).page("subject", "text")


class TestLastKnown:
    @pytest.fixture(params=["memory", "aws"])
    def last_known(self, request: pytest.FixtureRequest) -> LastKnown:
        if request.param == "memory":
            return MemoryLastKnown()
        request.getfixturevalue("aws")
        boto3.client("dynamodb", EU).create_table(
            TableName=NAMES.local_table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        return AwsLastKnown(NAMES.local_table, EU)

    def test_nothing_was_known_at_first(self, last_known: LastKnown) -> None:
        assert last_known.evacuated() == {}

    def test_the_newest_is_remembered(self, last_known: LastKnown) -> None:
        for evacuated in ({US: "us-east-1-2"}, {US: "us-east-1-2", EU: "eu-west-1-9"}, {}):
            last_known.remember(evacuated)
            assert last_known.evacuated() == evacuated

    @pytest.mark.parametrize("error", FAILURES)
    def test_a_table_that_does_not_answer_is_a_transient_error(self, error: Exception) -> None:
        known = AwsLastKnown("local", EU)
        with answering(last_known_adapter, {"put_item": raising(error), "get_item": raising(error)}) as asked:
            with pytest.raises(TransientError, match=f"local in {EU}"):
                known.remember({})
            with pytest.raises(TransientError, match=f"local in {EU}"):
                known.evacuated()
        assert set(asked) == {("dynamodb", EU)}


class TestTelemetry:
    def published(self, **failing: Exception) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What a round of an observer hands over: (metrics, events)."""
        metrics: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        answers = {
            "put_metric_data": lambda **asked: metrics.append(asked),
            "put_events": lambda **asked: events.append(asked),
            **{name: raising(error) for name, error in failing.items()},
        }
        telemetry = AwsTelemetry(TOPOLOGY, EU, ManualClock())
        telemetry.region_seen(US, unhealthy=True)
        telemetry.region_seen("ap-southeast-1", unhealthy=False)
        telemetry.heartbeat("prober")
        telemetry.wake(US, "no answer in time")
        with answering(telemetry_adapter, answers):
            telemetry.flush()
            telemetry.flush()
        return metrics, events

    def test_each_view_is_a_point_of_high_resolution_that_an_alarm_finds(self) -> None:
        ((call,), _) = self.published()
        assert call["Namespace"] == "Lifeboat"
        told = {
            (point["MetricName"], tuple((each["Name"], each["Value"]) for each in point["Dimensions"])): point["Value"]
            for point in call["MetricData"]
        }
        assert told == {
            ("RegionUnhealthy", (("Topology", "quickstart"), ("Subject", US), ("Observer", EU))): 1.0,
            ("RegionUnhealthy", (("Topology", "quickstart"), ("Subject", "ap-southeast-1"), ("Observer", EU))): 0.0,
            ("ProberHeartbeat", (("Topology", "quickstart"), ("Region", EU))): 1.0,
        }
        assert {point["StorageResolution"] for point in call["MetricData"]} == {1}
        assert {point["Timestamp"] for point in call["MetricData"]} == {NOON}

    def test_an_event_says_whom_to_look_at_and_comes_from_us(self) -> None:
        _, (call,) = self.published()
        (event,) = call["Entries"]
        assert (event["Source"], event["DetailType"]) == ("lifeboat", "Region Unhealthy")
        assert json.loads(event["Detail"]) == {
            "topology": "quickstart",
            "subject": US,
            "observer": EU,
            "reason": "no answer in time",
        }

    def test_what_was_handed_over_is_not_handed_over_again(self) -> None:
        metrics, events = self.published()
        assert (len(metrics), len(events)) == (1, 1)

    @pytest.mark.parametrize("error", FAILURES)
    def test_a_failure_of_either_is_dropped_and_stops_the_other_not(self, error: Exception) -> None:
        metrics, events = self.published(put_events=error)
        assert (len(metrics), events) == (1, [])
        metrics, events = self.published(put_metric_data=error)
        assert (metrics, len(events)) == ([], 1)

    def test_the_services_take_it(self, aws: None) -> None:
        telemetry = AwsTelemetry(TOPOLOGY, EU, ManualClock())
        telemetry.region_seen(US, unhealthy=True)
        telemetry.wake(US, "no answer in time")
        telemetry.flush()
        found = boto3.client("cloudwatch", EU).get_metric_statistics(
            Namespace="Lifeboat",
            MetricName="RegionUnhealthy",
            Dimensions=[
                {"Name": "Topology", "Value": "quickstart"},
                {"Name": "Subject", "Value": US},
                {"Name": "Observer", "Value": EU},
            ],
            StartTime=datetime(2026, 1, 1, tzinfo=UTC),
            EndTime=datetime(2026, 1, 2, tzinfo=UTC),
            Period=60,
            Statistics=["Maximum"],
        )
        assert [point["Maximum"] for point in found["Datapoints"]] == [1.0]
