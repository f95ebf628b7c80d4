"""Alarms that are refused: each says what was wrong, and what is allowed."""

from typing import Any

import pytest

from tests.twin.alarms.published import request
from twin.alarms import AlarmRefusedError, read_metric_alarm


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Period": 15}, "Period 15 is not allowed; use 10, 20, 30 or a multiple of 60"),
        ({"Period": 90}, "Period 90 is not allowed"),
        ({"Period": "soon"}, "Period must be a number of seconds, not 'soon'"),
        ({"EvaluationPeriods": 0}, "EvaluationPeriods 0"),
        ({"EvaluationPeriods": None}, "EvaluationPeriods is required"),
        ({"DatapointsToAlarm": 4}, "DatapointsToAlarm 4 of EvaluationPeriods 3"),
        ({"Period": 300, "EvaluationPeriods": 300}, "over 86400 s"),
        ({"Threshold": None}, "Threshold is required"),
        ({"Threshold": "high"}, "Threshold must be a number, not 'high'"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "use one of GreaterThanOrEqualToThreshold"),
        ({"TreatMissingData": "zero"}, "use one of missing, notBreaching, breaching, ignore"),
        ({"Statistic": "Median"}, "statistic 'Median' is not understood; use one of SampleCount, Sum"),
        ({"Statistic": None}, "Statistic, ExtendedStatistic or Metrics is required"),
        ({"ExtendedStatistic": "p99"}, "exclude each other"),
        ({"MetricName": None}, "MetricName is required"),
        ({"EvaluateLowSampleCountPercentile": "skip"}, "use evaluate or ignore"),
        ({"EvaluationWindow": {"WallClockWindow": {"Timezone": "Asia/Tokyo"}}}, "a wall clock window in UTC"),
        ({"EvaluationCriteria": {"PromQLCriteria": {}}}, "PromQL"),
    ],
)
def test_a_wrong_alarm_is_refused_with_its_name_and_the_fix(members: dict[str, Any], said: str) -> None:
    with pytest.raises(AlarmRefusedError) as refused:
        read_metric_alarm(request(**members))

    assert str(refused.value).startswith("alarm 'unreachable': ")
    assert said in str(refused.value)


def test_numbers_may_be_strings_as_in_templates() -> None:
    templated = request(Period="60", EvaluationPeriods="3", DatapointsToAlarm="2", Threshold="1")

    assert read_metric_alarm(templated) == read_metric_alarm(request(DatapointsToAlarm=2))
