"""Our evaluation on MiniStack's tables, in virtual time."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, eventbridge
from ministack.services.cloudformation import provisioners

from tests.twin.alarms.clouds import ACCOUNT, HERE, THERE, Cloud, RequestError
from tests.twin.alarms.published import request


def fast(**members: Any) -> dict[str, Any]:
    """Two of two periods of 10 s."""
    return request(**{"Period": 10, "EvaluationPeriods": 2, "TreatMissingData": "missing", **members})


def test_an_alarm_is_raised_and_ends_and_each_change_is_told_once(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    assert cloud.state() == "INSUFFICIENT_DATA"

    cloud.run(60, value=1)
    cloud.run(60, value=0)
    cloud.run(60, value=1)

    assert cloud.state() == "OK"
    assert cloud.told() == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]
    assert {region for region, _ in cloud.events} == {HERE}


def test_a_loss_is_seen_within_the_periods_and_the_time_that_data_need(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(63, value=1)
    lost = cloud.now
    while cloud.state() != "ALARM":
        cloud.run(1, value=0)
        assert cloud.now - lost < 40

    # The rest of the period in which it was lost counts as a breach by its minimum.
    assert 10 + 2 <= cloud.now - lost <= 3 * 10 + 2


def test_the_event_says_what_is_described(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast(AlarmDescription="us-east-1 is not reachable"))
    cloud.run(60, value=0)

    [(region, event)] = cloud.events
    described = cloud.alarm()
    assert region == event["region"] == HERE
    assert event["source"] == "aws.cloudwatch"
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["account"] == ACCOUNT
    assert event["resources"] == [described["AlarmArn"]]
    detail = event["detail"]
    assert detail["state"]["value"] == described["StateValue"] == "ALARM"
    assert detail["state"]["reason"] == described["StateReason"]
    assert detail["state"]["reasonData"] == described["StateReasonData"]
    assert detail["previousState"] == {
        "value": "INSUFFICIENT_DATA",
        "reason": "Unchecked: Initial alarm creation",
        "timestamp": detail["previousState"]["timestamp"],
    }
    assert detail["configuration"]["description"] == "us-east-1 is not reachable"
    [metric] = detail["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["dimensions"] == {"Region": THERE}
    assert described["StateTransitionedTimestamp"] == described["StateUpdatedTimestamp"] == cloud.now - 60 + 22


def test_each_change_is_in_the_history_with_its_data(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(30, value=0)

    [change, creation] = cloud.call("DescribeAlarmHistory", AlarmName="unreachable")["AlarmHistoryItems"]

    assert change["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    assert json.loads(change["HistoryData"])["newState"]["stateReasonData"]["threshold"] == 1.0
    assert creation["HistorySummary"].endswith("INSUFFICIENT_DATA")


def test_metrics_of_another_region_of_the_account_feed_nothing(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(60, value=0, region=THERE)

    assert cloud.state() == "INSUFFICIENT_DATA"


def test_standard_resolution_feeds_no_high_resolution_alarm(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.call("PutMetricAlarm", **request(AlarmName="standard"))
    cloud.run(240, value=0, resolution=60)

    assert cloud.state() == "INSUFFICIENT_DATA"
    assert cloud.state("standard") == "ALARM"


def test_ministack_s_own_evaluation_is_off_and_comes_back(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.publish(0)
    assert cloud.state() == "INSUFFICIENT_DATA"

    cloud.evaluator.detach()
    cloud.now = time.time()
    cloud.publish(0)
    assert cloud.state() == "ALARM"


@pytest.mark.parametrize(
    ("treatment", "states"),
    [
        ("missing", ["INSUFFICIENT_DATA"]),
        ("breaching", ["ALARM"]),
        ("notBreaching", []),
        ("ignore", []),
    ],
)
def test_a_region_that_is_down_evaluates_nothing_and_then_finds_its_data_missing(
    cloud: Cloud, treatment: str, states: list[str]
) -> None:
    cloud.call("PutMetricAlarm", **fast(TreatMissingData=treatment))
    cloud.run(60, value=1)
    cloud.events.clear()

    cloud.down.add(HERE)
    cloud.run(300)
    assert cloud.state() == "OK"
    assert cloud.events == []

    cloud.down.clear()
    cloud.run(10)
    assert [to for _, to in cloud.told()] == states


def test_the_other_regions_go_on_while_one_is_down(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.down.add(THERE)
    cloud.run(40, value=0)

    assert cloud.state() == "ALARM"


def test_a_state_set_by_hand_is_told_and_lasts_until_the_next_evaluation(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(32, value=1)
    cloud.set_state("unreachable", "ALARM")

    [_, (_, event)] = cloud.events
    assert event["detail"]["state"]["reason"] == "by hand"
    assert "reasonData" not in event["detail"]["state"]
    assert event["detail"]["previousState"]["value"] == "OK"
    assert "reasonData" in event["detail"]["previousState"]

    cloud.run(10, value=1)
    assert cloud.state() == "OK"
    with pytest.raises(RequestError, match="'DEAD' is none of OK, ALARM, INSUFFICIENT_DATA"):
        cloud.set_state("unreachable", "DEAD")


def test_an_update_keeps_the_state_and_its_reason(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(30, value=0)
    before = cloud.alarm()

    cloud.call("PutMetricAlarm", **fast(Threshold=0.5))

    after = cloud.alarm()
    assert after["Threshold"] == 0.5
    for key in ("StateValue", "StateReason", "StateReasonData", "StateTransitionedTimestamp"):
        assert after[key] == before[key]


def test_an_alarm_that_is_made_anew_knows_nothing_of_the_one_before(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(30, value=0)
    cloud.call("DeleteAlarms", AlarmNames=["unreachable"])
    cloud.call("PutMetricAlarm", **fast())
    cloud.run(10, value=0)

    assert cloud.told() == [("INSUFFICIENT_DATA", "ALARM"), ("INSUFFICIENT_DATA", "ALARM")]


def test_an_alarm_that_is_not_understood_is_refused_and_leaves_nothing(cloud: Cloud) -> None:
    with pytest.raises(RequestError, match="alarm 'unreachable': Period 15 is not allowed"):
        cloud.call("PutMetricAlarm", **fast(Period=15))

    assert cloud.call("DescribeAlarms")["MetricAlarms"] == []


def metric_math(**members: Any) -> dict[str, Any]:
    metric = {
        "Namespace": "Lifeboat",
        "MetricName": "Reachable",
        "Dimensions": [{"Name": "Region", "Value": THERE}],
    }
    return {
        "AlarmName": "unreachable",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Metrics": [
            {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 10, "Stat": "Minimum"}, "ReturnData": False},
            {"Id": "lost", "Expression": "IF(m1 < 1, 1, 0)", "Label": "Lost", "ReturnData": True},
        ],
        **members,
    }


def test_an_alarm_on_metric_math_is_evaluated_and_described(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **metric_math())
    cloud.run(20, value=0)

    described = cloud.alarm()
    assert described["StateValue"] == "ALARM"
    assert described["Metrics"] == metric_math()["Metrics"]
    assert "MetricName" not in described
    [(_, event)] = cloud.events
    assert [each["id"] for each in event["detail"]["configuration"]["metrics"]] == ["m1", "lost"]


def test_a_template_s_alarm_on_metric_math_is_evaluated_too(cloud: Cloud) -> None:
    templated = metric_math(EvaluationPeriods="1", Threshold="1")
    del templated["AlarmName"]
    with request_scope(ACCOUNT, HERE):
        provisioners._cw_metric_alarm_put("unreachable", templated)
        with pytest.raises(ValueError, match="alarm 'wrong': ComparisonOperator 'Over'"):
            provisioners._cw_metric_alarm_put("wrong", templated | {"ComparisonOperator": "Over"})
    cloud.run(20, value=0)

    assert cloud.state() == "ALARM"


def test_the_query_protocol_is_understood_too(cloud: Cloud) -> None:
    flat = (
        "Action=PutMetricAlarm&AlarmName=queried&Namespace=Lifeboat&MetricName=Reachable&Statistic=Minimum&Period=15"
        "&EvaluationPeriods=1&Threshold=1&ComparisonOperator=LessThanThreshold"
        "&Dimensions.member.1.Name=Region&Dimensions.member.1.Value=us-east-1"
    )
    refused = answer(flat)
    assert refused[0] == 400
    assert b"Period 15 is not allowed" in refused[2]

    assert answer(flat.replace("Period=15", "Period=10"))[0] == 200
    datum = (
        "MetricData.member.1.MetricName=Reachable&MetricData.member.1.Value=0&MetricData.member.1.StorageResolution=1"
    )
    region = (
        "MetricData.member.1.Dimensions.member.1.Name=Region&MetricData.member.1.Dimensions.member.1.Value=us-east-1"
    )
    at = f"MetricData.member.1.Timestamp={cloud.now + 1}"
    assert answer(f"Action=PutMetricData&Namespace=Lifeboat&{datum}&{region}&{at}")[0] == 200
    cloud.run(15)
    assert cloud.state("queried") == "ALARM"


def answer(form: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with request_scope(ACCOUNT, HERE):
        told: tuple[int, dict[str, str], bytes] = asyncio.run(
            cloudwatch.handle_request("POST", "/", headers, form.encode(), {})
        )
    return told


# --- actions ----------------------------------------------------------------------------------------------


@pytest.fixture
def invoked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Functions that alarms invoke."""
    calls: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        eventbridge, "_dispatch_to_lambda", lambda arn, payload: calls.append((arn, json.loads(payload)))
    )
    yield calls


FUNCTION = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:page"


def test_actions_are_those_of_the_state_that_is_reached(
    cloud: Cloud, invoked: list[tuple[str, dict[str, Any]]]
) -> None:
    cloud.call("PutMetricAlarm", **fast(AlarmActions=[FUNCTION]))
    cloud.run(30, value=1)
    assert invoked == []
    cloud.run(30, value=0)

    [(arn, payload)] = invoked
    assert arn == FUNCTION
    assert payload["alarmData"]["state"]["value"] == "ALARM"
    assert payload["alarmData"]["previousState"]["value"] == "OK"


def test_disabled_actions_are_not_taken_but_the_change_is_told(
    cloud: Cloud, invoked: list[tuple[str, dict[str, Any]]]
) -> None:
    cloud.call("PutMetricAlarm", **fast(AlarmActions=[FUNCTION], ActionsEnabled=False))
    cloud.run(30, value=0)

    assert invoked == []
    assert cloud.told() == [("INSUFFICIENT_DATA", "ALARM")]


# --- composite alarms -------------------------------------------------------------------------------------


def composite(cloud: Cloud, **members: Any) -> None:
    for name in ("a", "b", "suppressor"):
        cloud.call("PutMetricAlarm", **fast(AlarmName=name, MetricName="Nothing", TreatMissingData="ignore"))
    cloud.call("PutCompositeAlarm", **{"AlarmName": "both", "AlarmRule": "ALARM(a) AND NOT OK(b)", **members})
    cloud.evaluator.step()


SUPPRESSED = {
    "ActionsSuppressor": "suppressor",
    "ActionsSuppressorWaitPeriod": 60,
    "ActionsSuppressorExtensionPeriod": 30,
    "AlarmActions": [FUNCTION],
}


def test_a_composite_alarm_follows_its_children(cloud: Cloud) -> None:
    composite(cloud)
    assert cloud.told("both") == [("INSUFFICIENT_DATA", "OK")]

    cloud.set_state("a", "ALARM")
    cloud.set_state("b", "OK")

    assert cloud.told("both")[1:] == [("OK", "ALARM"), ("ALARM", "OK")]
    event = cloud.events[-1][1]
    assert event["detail"]["configuration"] == {"alarmRule": "ALARM(a) AND NOT OK(b)"}
    assert "triggeringAlarms" in event["detail"]["state"]["reasonData"]


def test_a_composite_alarm_follows_children_that_were_evaluated(cloud: Cloud) -> None:
    cloud.call("PutMetricAlarm", **fast())
    rule = "AT_LEAST(1, ALARM, (unreachable))"
    cloud.call("PutCompositeAlarm", AlarmName="any", AlarmRule=rule)
    cloud.run(30, value=0)

    assert cloud.state("any") == "ALARM"


def test_a_composite_alarm_acts_when_its_suppressor_did_not_come(
    cloud: Cloud, invoked: list[tuple[str, dict[str, Any]]]
) -> None:
    composite(cloud, **SUPPRESSED)
    cloud.set_state("a", "ALARM")

    assert cloud.alarm("both")["ActionsSuppressedBy"] == "WaitPeriod"
    cloud.run(59)
    assert invoked == []
    cloud.run(1)
    [(_, payload)] = invoked
    assert payload["alarmData"]["state"]["value"] == "ALARM"
    assert "ActionsSuppressedBy" not in cloud.alarm("both")
    last = cloud.events[-1][1]["detail"]
    assert last["previousState"]["actionsSuppressedBy"] == "WaitPeriod"
    assert "actionsSuppressedBy" not in last["state"]


def test_a_composite_alarm_is_suppressed_and_acts_after_the_extension(
    cloud: Cloud, invoked: list[tuple[str, dict[str, Any]]]
) -> None:
    composite(cloud, **SUPPRESSED)
    cloud.set_state("a", "ALARM")
    cloud.set_state("suppressor", "ALARM")
    cloud.run(300)
    assert cloud.alarm("both")["ActionsSuppressedBy"] == "Alarm"
    assert invoked == []

    cloud.set_state("suppressor", "OK")
    assert cloud.alarm("both")["ActionsSuppressedBy"] == "ExtensionPeriod"
    cloud.run(31)
    assert len(invoked) == 1


def test_a_suppressor_must_exist_and_have_both_periods(cloud: Cloud) -> None:
    with pytest.raises(RequestError, match="'nobody' does not exist"):
        composite(cloud, **SUPPRESSED | {"ActionsSuppressor": "nobody"})
    with pytest.raises(RequestError, match="needs ActionsSuppressorWaitPeriod too"):
        composite(cloud, **{key: value for key, value in SUPPRESSED.items() if key != "ActionsSuppressorWaitPeriod"})


def test_a_suppressor_that_is_set_later_counts_from_then_on(
    cloud: Cloud, invoked: list[tuple[str, dict[str, Any]]]
) -> None:
    composite(cloud)
    cloud.set_state("suppressor", "ALARM")
    composite(cloud, **SUPPRESSED)
    cloud.set_state("a", "ALARM")

    assert cloud.alarm("both")["ActionsSuppressedBy"] == "Alarm"
    assert invoked == []
