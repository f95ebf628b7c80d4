"""What is said once goes through the log, in CloudWatch's embedded metric format, and calls nobody."""

import json
from typing import Any

import pytest

from failover.adapters.aws import AwsTelemetry
from tests.products import EU, US, quickstart
from tests.worlds import ManualClock


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
