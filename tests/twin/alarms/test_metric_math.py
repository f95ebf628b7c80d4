"""Alarms on expressions."""

from typing import Any

import pytest

from tests.twin.alarms.published import NOON, Store
from twin.alarms import AlarmRefusedError, State, evaluate, read_metric_alarm
from twin.alarms.calculation import Calculation
from twin.alarms.expression import parse_expression
from twin.alarms.series import Series

SERIES: dict[str, Series] = {"m1": (1.0, 2.0, None, 4.0), "m2": (0.0, 2.0, 3.0, None)}


def result(expression: str, **expressions: str) -> Series:
    trees = {name: parse_expression(text) for name, text in {"e": expression, **expressions}.items()}
    return Calculation(SERIES, trees, 60).series("e")


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("m1 + m2 * 2", (1.0, 6.0, None, None)),
        ("(m1 + 1) ^ 2", (4.0, 9.0, None, 25.0)),
        ("2 - 1 - m1", (0.0, -1.0, None, -3.0)),
        ("-m1", (-1.0, -2.0, None, -4.0)),
        ("m1 / m2", (None, 1.0, None, None)),
        ("m1 >= 2", (0.0, 1.0, None, 1.0)),
        ("m1 > 1 AND m1 < 4 || m1 == 4", (0.0, 1.0, None, 1.0)),
        ("IF(m1 > 1, 10, m2)", (0.0, 10.0, None, 10.0)),
        ("IF(FILL(m1, 0) < 1, 7)", (None, None, 7.0, None)),
        ("FILL(m1, 9)", (1.0, 2.0, 9.0, 4.0)),
        ("FILL(m2, REPEAT)", (0.0, 2.0, 3.0, 3.0)),
        ("FILL(m1, LINEAR)", (1.0, 2.0, 3.0, 4.0)),
        ("SUM(METRICS())", (1.0, 4.0, 3.0, 4.0)),
        ('MAX(METRICS("m"))', (1.0, 2.0, 3.0, 4.0)),
        ("MIN([m1, m2])", (0.0, 2.0, 3.0, 4.0)),
        ("AVG(FILL(METRICS(), 0))", (0.5, 2.0, 1.5, 2.0)),
        ("m1 / MAX(m1)", (0.25, 0.5, None, 1.0)),
        ("CEIL(m1 / 3) + ABS(0 - PERIOD(m1))", (61.0, 61.0, None, 62.0)),
    ],
)
def test_an_expression_gives_a_series(expression: str, series: Series) -> None:
    assert result(expression) == series


def test_expressions_stand_on_each_other() -> None:
    assert result("e2 * 2", e2="m1 + 1") == (4.0, 6.0, None, 10.0)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("m1 +", "ends too early"),
        ("(m1", "expected ')'"),
        ("m1 m2", "did not expect 'm2'"),
        ("m1 $ 2", "cannot read"),
        ("m3 + 1", "names no metric"),
        ("ANOMALY_DETECTION_BAND(m1, 2)", "function ANOMALY_DETECTION_BAND is not understood; use one of ABS, AVG"),
        ("SEARCH('{Lifeboat}')", "SEARCH is not understood"),
        ("FILL(m1)", "FILL was given arguments"),
        ("MAX(m1)", "a single number"),
        ("METRICS()", "several series"),
        ("IF(METRICS(), 1, 2)", "IF takes"),
        ("e + 1", "in a circle: e → e"),
        ("(" * 60 + "m1" + ")" * 60, "nested"),
    ],
)
def test_what_is_not_understood_is_refused(expression: str, why: str) -> None:
    with pytest.raises(AlarmRefusedError) as refused:
        result(expression)

    assert why in str(refused.value)


def math_alarm(expression: str, **members: Any) -> dict[str, Any]:
    def probed(name: str, region: str) -> dict[str, Any]:
        dimensions = [{"Name": "Region", "Value": region}]
        metric = {"Namespace": "Lifeboat", "MetricName": "Reachable", "Dimensions": dimensions}
        return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Minimum"}, "ReturnData": False}

    return {
        "AlarmName": "both-unreachable",
        "EvaluationPeriods": 2,
        "Threshold": 0,
        "ComparisonOperator": "LessThanOrEqualToThreshold",
        "Metrics": [probed("m1", "us-east-1"), probed("m2", "eu-west-1"), {"Id": "worst", "Expression": expression}],
        **members,
    }


def test_an_alarm_judges_the_series_of_its_expression() -> None:
    alarm = read_metric_alarm(math_alarm("m1 + m2"))
    store = Store()
    for second in (30, 90):
        store.put(0, NOON - second)
        store.put(0, NOON - second, region="eu-west-1")

    evaluation = evaluate(alarm, store, end=NOON, now=NOON, state=State.OK)
    assert evaluation is not None
    assert evaluation.state is State.ALARM
    assert '"statistic"' not in evaluation.reason_data

    half = Store([each for each in store.samples if each[0].dimensions == (("Region", "us-east-1"),)])
    silent = evaluate(alarm, half, end=NOON, now=NOON, state=State.OK)
    assert silent is not None
    assert silent.state is State.INSUFFICIENT_DATA  # a sum with one part missing is missing


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"Metrics": [{"Id": "e", "Expression": "1 + 1"}]}, "at least one of them MetricStat"),
        ({"Namespace": "Lifeboat"}, "Metrics excludes Namespace"),
        ({"ThresholdMetricId": "band"}, "anomaly detection"),
    ],
)
def test_a_wrong_metrics_array_is_refused(members: dict[str, Any], why: str) -> None:
    with pytest.raises(AlarmRefusedError, match="alarm 'both-unreachable'") as refused:
        read_metric_alarm(math_alarm("m1", **members))

    assert why in str(refused.value)


def test_all_metrics_have_one_period_and_one_entry_is_returned() -> None:
    mixed = math_alarm("m1 + m2")
    mixed["Metrics"][0]["MetricStat"]["Period"] = 300
    with pytest.raises(AlarmRefusedError, match=r"periods are \[60, 300\]"):
        read_metric_alarm(mixed)
    two = math_alarm("m1 + m2")
    two["Metrics"][0]["ReturnData"] = True
    with pytest.raises(AlarmRefusedError, match="ReturnData"):
        read_metric_alarm(two)
