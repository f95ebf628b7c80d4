from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.dns.health.configuration import CheckType, HealthCheck, InsufficientData
from twin.dns.health.statuses import Checker, Report, Statuses

PLAIN = HealthCheck(CheckType.HTTPS, host="app.example", interval_seconds=10, failure_threshold=3)
LEVER = replace(PLAIN, type=CheckType.HTTPS_STR_MATCH, failure_threshold=1, inverted=True)


def report(passed: bool, at: float = 0) -> Report:
    return Report(at, passed, "")


def statuses(checkers: int = 3, alarm: str = "OK", **checks: HealthCheck) -> Statuses:
    made = Statuses(checkers, lambda _name, _region: alarm)
    made.replace(checks)
    return made


def see(board: Statuses, check: str, *results: bool, checkers: int = 3) -> None:
    for passed in results:
        for number in range(1, checkers + 1):
            board.seen(check, number, report(passed))


def changed_at(
    check: HealthCheck, passes: Callable[[float], bool], checkers: int, seed: int
) -> list[tuple[float, bool]]:
    """Play 300 s of unsynchronised checkers in virtual time; return when the status changed, and to what."""
    chance, board = random.Random(seed), statuses(checkers, check=check)
    board.changes(0)
    due = [(chance.uniform(0, check.interval_seconds), number) for number in range(1, checkers + 1)]
    heapq.heapify(due)
    changes = []
    while due[0][0] < 300:
        at, number = heapq.heappop(due)
        board.seen("check", number, report(passes(at), at))
        changes += [(change.at, change.healthy) for change in board.changes(at)]
        heapq.heappush(due, (at + check.interval_seconds, number))
    return changes


@pytest.mark.parametrize("checkers", [3, 16])
@given(seed=st.integers(0, 10_000), interval=st.sampled_from([10, 30]), threshold=st.integers(1, 3))
def test_a_dead_endpoint_is_unhealthy_after_threshold_intervals(
    checkers: int, seed: int, interval: int, threshold: int
) -> None:
    check = replace(PLAIN, interval_seconds=interval, failure_threshold=threshold)
    ((at, healthy),) = changed_at(check, lambda at: at < 100, checkers, seed)
    assert not healthy
    assert 100 + interval * (threshold - 1) <= at <= 100 + interval * threshold


@given(seed=st.integers(0, 10_000))
def test_a_pulled_lever_is_seen_within_one_interval_and_let_go_within_one_more(seed: int) -> None:
    changes = changed_at(LEVER, lambda at: 100 <= at < 200, 3, seed)
    # A new inverted check is unhealthy until its checkers have looked.
    baked, pulled, released = changes
    assert (baked[1], pulled[1], released[1]) == (True, False, True)
    assert baked[0] <= 10
    assert 100 <= pulled[0] <= 110
    assert 200 <= released[0] <= 210


@given(seed=st.integers(0, 10_000))
def test_a_blip_shorter_than_the_threshold_changes_nothing(seed: int) -> None:
    assert changed_at(PLAIN, lambda at: not 100 <= at < 119, 3, seed) == []


@pytest.mark.parametrize(
    ("checkers", "healthy", "expected"), [(16, 2, False), (16, 3, True), (3, 1, True), (3, 0, False)]
)
def test_more_than_eighteen_percent_of_the_checkers_make_it_healthy(
    checkers: int, healthy: int, expected: bool
) -> None:
    board = statuses(checkers, check=replace(PLAIN, failure_threshold=1))
    for number in range(1, checkers + 1):
        board.seen("check", number, report(number <= healthy))
    assert board.healthy("check") is expected


def test_results_must_contradict_in_a_row() -> None:
    checker = Checker()
    for passed in (False, False, True, False, False):
        checker = checker.seeing(report(passed), 3)
    assert checker.healthy
    assert not checker.seeing(report(False), 3).healthy


def test_coming_back_takes_the_threshold_too() -> None:
    board = statuses(check=PLAIN)
    see(board, "check", False, False, False, True, True)
    assert not board.healthy("check")
    see(board, "check", True)
    assert board.healthy("check")


def test_a_new_check_is_healthy_and_a_new_inverted_one_is_not() -> None:
    board = statuses(plain=PLAIN, lever=LEVER)
    assert (board.healthy("plain"), board.healthy("lever")) == (True, False)


def test_a_disabled_check_is_healthy_and_inverting_it_takes_traffic_away_by_hand() -> None:
    board = statuses(off=replace(PLAIN, disabled=True), away=replace(PLAIN, disabled=True, inverted=True))
    see(board, "off", False, False, False)
    assert (board.healthy("off"), board.healthy("away")) == (True, False)


@pytest.mark.parametrize(
    ("threshold", "pulled", "expected"),
    [
        (3, [], True),
        (3, ["a"], False),
        (2, ["a"], True),
        (2, ["a", "b"], False),
        (0, ["a", "b", "c"], True),
        (4, [], False),
    ],
)
def test_a_calculated_check_counts_its_healthy_children(threshold: int, pulled: list[str], expected: bool) -> None:
    whole = HealthCheck(CheckType.CALCULATED, children=("a", "b", "c"), health_threshold=threshold)
    board = statuses(a=LEVER, b=LEVER, c=LEVER, whole=whole)
    for child in "abc":
        see(board, child, child in pulled)
    assert board.healthy("whole") is expected


def test_a_calculated_check_takes_disabled_and_missing_children_as_healthy_and_can_be_inverted() -> None:
    children = ("off", "gone")
    whole = HealthCheck(CheckType.CALCULATED, children=children, health_threshold=2)
    board = statuses(off=replace(PLAIN, disabled=True), whole=whole, inverse=replace(whole, inverted=True))
    assert (board.healthy("whole"), board.healthy("inverse")) == (True, False)


def test_calculated_checks_may_stand_on_each_other_and_a_ring_of_them_ends() -> None:
    low = HealthCheck(CheckType.CALCULATED, children=("plain",), health_threshold=1)
    board = statuses(plain=PLAIN, low=low, high=replace(low, children=("low",)), ring=replace(low, children=("ring",)))
    see(board, "plain", False, False, False)
    assert not board.healthy("high")
    assert board.healthy("ring")


@pytest.mark.parametrize(
    ("state", "missing", "expected"),
    [
        ("OK", InsufficientData.UNHEALTHY, True),
        ("ALARM", InsufficientData.HEALTHY, False),
        ("INSUFFICIENT_DATA", InsufficientData.HEALTHY, True),
        ("INSUFFICIENT_DATA", InsufficientData.UNHEALTHY, False),
        ("INSUFFICIENT_DATA", InsufficientData.LAST_KNOWN, True),
    ],
)
def test_a_check_on_an_alarm_is_as_the_alarm_is(state: str, missing: InsufficientData, expected: bool) -> None:
    check = HealthCheck(CheckType.CLOUDWATCH_METRIC, alarm=("lost", "eu-west-1"), insufficient_data=missing)
    assert statuses(alarm=state, check=check).healthy("check") is expected


def test_the_last_known_state_of_an_alarm_is_remembered() -> None:
    state = ["ALARM"]
    board = Statuses(3, lambda _name, _region: state[0])
    board.replace({"check": HealthCheck(CheckType.CLOUDWATCH_METRIC)})
    assert not board.healthy("check")
    state[0] = "INSUFFICIENT_DATA"
    assert not board.healthy("check")
    state[0] = "OK"
    assert board.healthy("check")


def test_a_reconfigured_check_keeps_what_was_found_and_a_deleted_one_does_not() -> None:
    board = statuses(check=PLAIN)
    see(board, "check", False, False, False)
    board.replace({"check": replace(PLAIN, failure_threshold=5)})
    assert not board.healthy("check")
    board.replace({})
    assert board.healthy("check")
    board.replace({"check": PLAIN})
    assert board.healthy("check")


def test_changes_are_told_once_with_their_reason() -> None:
    board = statuses(check=replace(PLAIN, failure_threshold=1))
    assert [(change.check, change.healthy, change.reason) for change in board.changes(1)] == [("check", True, "new")]
    assert list(board.changes(2)) == []
    for number in (1, 2, 3):
        board.seen("check", number, Report(number, False, f"Failure: {number}"))
    assert [(each.at, each.healthy, each.reason) for each in board.changes(3)] == [(3, False, "Failure: 3")]
