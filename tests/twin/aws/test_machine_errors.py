from __future__ import annotations

import random
from typing import Any

import pytest

from twin.aws.machines.errors import Retries, delay, matches


@pytest.mark.parametrize(
    ("wanted", "error", "met"),
    [
        (["States.ALL"], "RefusedError", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.TaskFailed"], "RefusedError", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["OtherError"], "RefusedError", False),
    ],
)
def test_what_an_error_is_met_by(wanted: Any, error: Any, met: Any) -> None:
    assert matches(wanted, error) is met


def test_delays_grow_by_the_backoff_up_to_the_greatest() -> None:
    retrier = {"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 5}
    assert [delay(retrier, attempt, random.Random(1)) for attempt in range(4)] == [2, 3, 4.5, 5]
    assert [delay({}, attempt, random.Random(1)) for attempt in range(3)] == [1, 2, 4]


def test_full_jitter_stays_between_nothing_and_the_delay() -> None:
    retrier = {"IntervalSeconds": 4, "JitterStrategy": "FULL"}
    delays = [delay(retrier, 0, random.Random(seed)) for seed in range(100)]
    assert 0 <= min(delays) < 1 < 3 < max(delays) <= 4


def test_each_retrier_counts_its_own_and_the_first_that_fits_decides() -> None:
    retriers = [{"ErrorEquals": ["OneError"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    retries = Retries(retriers, random.Random(1))
    errors = ["OneError", "OneError", "OtherError", "OtherError", "OtherError"]
    waits = [retries.wait_before_next(error) for error in errors]
    assert [wait is not None for wait in waits] == [True, False, True, True, False]
    assert retries.count == 3
