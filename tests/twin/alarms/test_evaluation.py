"""From samples to a state: metrics, periods, statistics, and when an alarm learns of something."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.alarms.published import NOON, Store, evaluated, minutes, request, state_of
from twin.alarms import Metric, Sample, State, next_evaluation, range_end, read_metric_alarm


def test_another_set_of_dimensions_is_another_metric() -> None:
    store = minutes([0, 0, 0], region="eu-west-1")
    for minute in (1, 2, 3):
        store.put(1, NOON - minute * 60)

    assert state_of(store) is State.OK
    assert state_of(store, Dimensions=[{"Name": "Region", "Value": "eu-west-1"}]) is State.ALARM
    assert state_of(store, Dimensions=[]) is State.INSUFFICIENT_DATA


def test_m_of_n_periods_raise_the_alarm() -> None:
    assert state_of(minutes([0, 1, 0]), DatapointsToAlarm=2) is State.ALARM
    assert state_of(minutes([0, 1, 1]), DatapointsToAlarm=2) is State.OK


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanOrEqualToThreshold", {5, 6}),
        ("GreaterThanThreshold", {6}),
        ("LessThanThreshold", {4}),
        ("LessThanOrEqualToThreshold", {4, 5}),
    ],
)
def test_comparisons_with_the_threshold(comparison: str, breaching: set[int]) -> None:
    alarming = {
        value
        for value in (4, 5, 6)
        if state_of(minutes([value]), EvaluationPeriods=1, Threshold=5, ComparisonOperator=comparison) is State.ALARM
    }

    assert alarming == breaching


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("Sum", 110.0),
        ("Average", 22.0),
        ("Minimum", 1.0),
        ("Maximum", 100.0),
        ("SampleCount", 5.0),
        ("p50", 3.0),
        ("p0", 1.0),
        ("p100", 100.0),
        ("p87.5", 52.0),
        ("tm80", 2.5),
    ],
)
def test_statistics_of_a_period(statistic: str, value: float) -> None:
    store = Store()
    for observed in (4, 1, 100, 3, 2):
        store.put(observed, NOON - 30)
    key = "Statistic" if statistic[0].isupper() else "ExtendedStatistic"
    without: dict[str, Any] = {"Statistic": None, "ExtendedStatistic": None, key: statistic}

    evaluation = evaluated(store, EvaluationPeriods=1, **without)

    assert evaluation is not None
    assert f'"recentDatapoints":[{value}]' in evaluation.reason_data


def test_a_value_published_with_a_count_stands_as_often() -> None:
    store = Store()
    store.put(1, NOON - 30, count=9)
    store.put(11, NOON - 30)

    assert state_of(store, Statistic="Average", EvaluationPeriods=1, Threshold=2.1) is State.ALARM
    assert state_of(store, Statistic="Average", EvaluationPeriods=1, Threshold=2) is State.OK
    assert state_of(store, Statistic=None, ExtendedStatistic="p80", EvaluationPeriods=1, Threshold=1.1) is State.ALARM


@pytest.mark.parametrize(("statistic", "enough"), [("p95", 200), ("p90", 100), ("p80", 50), ("p50", 20), ("p10", 100)])
def test_a_percentile_of_too_few_samples_changes_nothing_where_it_is_to_be_ignored(statistic: str, enough: int) -> None:
    asked: dict[str, Any] = {"Statistic": None, "ExtendedStatistic": statistic, "EvaluationPeriods": 1, "Threshold": 10}
    few, many = Store(), Store()
    few.put(9, NOON - 30, count=enough - 1)
    many.put(9, NOON - 30, count=enough)

    assert state_of(few, **asked) is State.ALARM
    assert state_of(few, **asked, EvaluateLowSampleCountPercentile="ignore") is None
    assert state_of(many, **asked, EvaluateLowSampleCountPercentile="ignore") is State.ALARM


def test_a_statistic_set_that_hides_its_values_has_no_percentile() -> None:
    metric = Metric.of("Lifeboat", "Reachable", [{"Name": "Region", "Value": "us-east-1"}])
    store = Store([(metric, Sample(NOON - 30, 4, 10, 1, 4))])

    assert state_of(store, Statistic=None, ExtendedStatistic="p90", EvaluationPeriods=1) is State.INSUFFICIENT_DATA
    assert state_of(store, Statistic="Maximum", EvaluationPeriods=1) is State.OK


def test_a_unit_leaves_out_what_was_published_with_another() -> None:
    store = minutes([0, 0, 0], unit="Seconds")

    assert state_of(store, Unit="Seconds") is State.ALARM
    assert state_of(store, Unit="Count") is State.INSUFFICIENT_DATA


def test_only_high_resolution_samples_feed_periods_under_a_minute() -> None:
    assert state_of(minutes([0, 0, 0], period=10), Period=10) is State.INSUFFICIENT_DATA
    assert state_of(minutes([0, 0, 0], period=10, high_resolution=True), Period=10) is State.ALARM
    assert state_of(minutes([0, 0, 0], high_resolution=True), Period=60) is State.ALARM


@pytest.mark.parametrize(("period", "step"), [(10, 10), (20, 10), (30, 10), (60, 60), (300, 60)])
def test_an_alarm_is_evaluated_every_ten_seconds_or_every_minute(period: int, step: int) -> None:
    alarm = read_metric_alarm(request(Period=period))

    assert alarm.step == step
    assert next_evaluation(NOON, alarm.step, 2) == NOON + 2
    assert next_evaluation(NOON + 2, alarm.step, 2) == NOON + step + 2


def test_a_long_window_slides_by_the_minute_and_a_wall_clock_window_does_not() -> None:
    sliding = read_metric_alarm(request(Period=300))
    fixed = read_metric_alarm(request(Period=300, EvaluationWindow={"WallClockWindow": {}}))

    assert range_end(NOON + 130, sliding.step) == NOON + 120
    assert range_end(NOON + 130, fixed.step) == NOON


def test_a_period_is_looked_at_only_when_it_is_over_and_its_data_are_in() -> None:
    store = Store()
    for second in range(0, 60, 5):
        store.put(0, NOON + second, high_resolution=True)
    alarm = {"Period": 10, "EvaluationPeriods": 1, "delay": 2.0}

    assert state_of(store, NOON + 11, **alarm) is State.INSUFFICIENT_DATA
    assert state_of(store, NOON + 12, **alarm) is State.ALARM


def test_a_high_resolution_alarm_sees_a_loss_in_twelve_to_twenty_two_seconds() -> None:
    """A probe each 5 s, one period of 10 s, 2 s for the data to come in; worst where the loss just misses one."""
    delays = []
    for lost_after in range(11):
        store = Store()
        for second in range(-60, 120, 5):
            store.put(0 if second >= lost_after else 1, NOON + second, high_resolution=True)
        now = NOON + 2.0
        while state_of(store, now, Period=10, EvaluationPeriods=1, delay=2.0) is not State.ALARM:
            now += 10
        delays.append(now - NOON - lost_after)

    assert max(delays) <= 21
    assert min(delays) >= 7


def test_data_that_come_late_are_seen_while_their_period_is_in_the_range() -> None:
    store = minutes([1, None, 1, 1])
    assert state_of(store, EvaluationPeriods=4, DatapointsToAlarm=1) is State.OK
    store.put(0, NOON - 150)
    assert state_of(store, EvaluationPeriods=4, DatapointsToAlarm=1) is State.ALARM


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(-400, 60)), max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_publication_does_not_matter(puts: list[tuple[float, int]], chance: random.Random) -> None:
    store, shuffled = Store(), Store()
    for value, second in puts:
        store.put(value, NOON + second)
    shuffled.samples = chance.sample(store.samples, len(store.samples))

    for statistic in ("Sum", "Average", "Minimum", "Maximum", "SampleCount"):
        assert evaluated(store, Statistic=statistic) == evaluated(shuffled, Statistic=statistic)


@given(st.integers(1, 5), st.data(), st.floats(NOON, NOON + 600), st.sampled_from([10, 30, 60, 300]))
def test_silence_never_alarms_where_it_is_not_breaching(
    periods: int, data: st.DataObject, now: float, period: int
) -> None:
    to_alarm = data.draw(st.integers(1, periods))
    alarm = {"EvaluationPeriods": periods, "DatapointsToAlarm": to_alarm, "Period": period}

    assert state_of(Store(), now, TreatMissingData="notBreaching", **alarm) is State.OK


@pytest.mark.parametrize(
    ("store", "members", "reason"),
    [
        (
            minutes([0]),
            {"EvaluationPeriods": 1},
            "Threshold Crossed: 1 datapoint [0.0 (01/01/26 11:59:00)] was less than the threshold (1.0).",
        ),
        (
            minutes([0, 1, 0]),
            {"DatapointsToAlarm": 2},
            "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (01/01/26 11:59:00), 0.0 (01/01/26 11:57:00)] were "
            "less than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
        ),
        (
            minutes([1, 0, 1]),
            {"DatapointsToAlarm": 2, "state": State.ALARM},
            "Threshold Crossed: 2 out of the last 3 datapoints [1.0 (01/01/26 11:59:00), 1.0 (01/01/26 11:57:00)] were "
            "not less than the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).",
        ),
        (
            Store(),
            {"TreatMissingData": "breaching", "EvaluationPeriods": 2},
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
            "[Breaching].",
        ),
        (
            minutes([1]),
            {"TreatMissingData": "notBreaching", "EvaluationPeriods": 2, "state": State.ALARM},
            "Threshold Crossed: 1 datapoint [1.0 (01/01/26 11:59:00)] was not less than the threshold (1.0) and 1 "
            "missing datapoint was treated as [NonBreaching].",
        ),
        (Store(), {"EvaluationPeriods": 5}, "Insufficient Data: 5 datapoints were unknown."),
    ],
)
def test_a_reason_is_worded_as_cloudwatch_words_it(store: Store, members: dict[str, object], reason: str) -> None:
    evaluation = evaluated(store, **members)  # type: ignore[arg-type]

    assert evaluation is not None
    assert evaluation.reason == reason


def test_the_data_of_a_reason_have_cloudwatch_s_shape() -> None:
    evaluation = evaluated(minutes([1, 0], unit="Count"), NOON + 44.985, EvaluationPeriods=2, Unit="Count")

    assert evaluation is not None
    assert evaluation.reason_data == (
        '{"version":"1.0","queryDate":"2026-01-01T12:00:44.985+0000","startDate":"2026-01-01T11:58:00.000+0000",'
        '"unit":"Count","statistic":"Minimum","period":60,"recentDatapoints":[1.0,0.0],"threshold":1.0,'
        '"evaluatedDatapoints":[{"timestamp":"2026-01-01T11:59:00.000+0000","sampleCount":1.0,"value":0.0},'
        '{"timestamp":"2026-01-01T11:58:00.000+0000","sampleCount":1.0,"value":1.0}]}'
    )
