"""What is said once goes through the log, in CloudWatch's embedded metric format, and calls nobody."""

import json
from typing import Any

import pytest

from failover.adapters.aws import AwsTelemetry
from failover.adapters.memory import ManualClock
from tests.products import EU, US, quickstart


@pytest.fixture
def telemetry(monkeypatch: pytest.MonkeyPatch) -> AwsTelemetry:
    def nobody(*_told: Any) -> None:
        raise AssertionError("the path of an incident waits for no metric")

    monkeypatch.setattr("failover.adapters.aws.telemetry.client", nobody)
    return AwsTelemetry(quickstart(), EU, ManualClock())


def test_a_recovery_is_a_metric_of_the_topology_and_of_the_region_that_was_lost(
    telemetry: AwsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.recovered(US, 31.5)
    telemetry.flush()
    told = json.loads(capsys.readouterr().out)
    (metric,) = told["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == "Lifeboat"
    assert metric["Dimensions"] == [["Topology"], ["Topology", "Subject"]]
    assert metric["Metrics"] == [{"Name": "RecoverySeconds", "Unit": "Seconds"}]
    assert (told["RecoverySeconds"], told["Topology"], told["Subject"]) == (31.5, "quickstart", US)
    assert told["_aws"]["Timestamp"] > 0


def test_a_loss_bound_is_a_metric_of_its_database(telemetry: AwsTelemetry, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.loss_bounded("orders", 20.0)
    told = json.loads(capsys.readouterr().out)
    assert (told["LossBoundSeconds"], told["Database"]) == (20.0, "orders")


def test_a_heart_is_heard_often_enough_for_its_alarm_and_no_call_is_paid_for_beyond_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The alarm counts minutes; a guard beats every few seconds, and three runs of it at once."""
    calls: list[Any] = []

    class CloudWatch:
        def put_metric_data(self, **told: Any) -> None:
            calls.append(told)

    monkeypatch.setattr("failover.adapters.aws.telemetry.client", lambda *_told: CloudWatch())
    clock = ManualClock()
    telemetry = AwsTelemetry(quickstart(), EU, clock)
    minutes = []
    for _ in range(30):
        telemetry.heartbeat("guard")
        telemetry.flush()
        minutes.append((clock.elapsed() // 60, len(calls)))
        clock.sleep(5)
    assert len(calls) == 8
    assert {minute for minute, _ in minutes} == {0, 1, 2}
    heard = [call["MetricData"][0]["Timestamp"].minute for call in calls]
    assert min(heard.count(minute) for minute in set(heard)) >= 2
