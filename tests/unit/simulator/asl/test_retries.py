"""Retry and Catch, as https://states-language.net/#errors says."""

from typing import Any

import pytest

from simulator.asl import MachineFailed
from tests.unit.simulator.asl.machines import failing, machine, run, task


class BusyError(Exception):
    """May succeed later."""


class BrokenError(Exception):
    """Will not."""


def retried(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return machine(A=task(Retry=list(rules), **fields))


BUSY = {"ErrorEquals": ["BusyError"]}


def test_without_any_rule_an_error_ends_the_execution_under_its_class_name() -> None:
    told = run(machine(A=task()), step=failing(1, BusyError("later")))
    assert (told.error, told.cause, told.calls["step"]) == ("BusyError", "later", 1)


def test_the_defaults_are_three_tries_after_one_two_and_four_seconds() -> None:
    told = run(retried(BUSY), step=failing(99, BusyError("later")))
    assert (told.error, told.calls["step"], told.slept) == ("BusyError", 4, [1.0, 2.0, 4.0])


def test_a_try_that_succeeds_goes_on() -> None:
    told = run(retried(BUSY), step=failing(2, BusyError("later")))
    assert (told.error, told.output["Payload"], told.slept) == (None, "done", [1.0, 2.0])


@pytest.mark.parametrize(
    ("rule", "slept"),
    [
        ({"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxAttempts": 3}, [2.0, 3.0, 4.5]),
        ({"IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 5, "MaxDelaySeconds": 5}, [1.0, 2.0, 4.0, 5.0, 5.0]),
        ({"IntervalSeconds": 3, "BackoffRate": 1.0, "MaxAttempts": 2}, [3.0, 3.0]),
        ({"MaxAttempts": 1, "JitterStrategy": "FULL"}, [1.0]),
        ({"MaxAttempts": 0}, []),
    ],
)
def test_pauses_grow_as_the_rule_says(rule: dict[str, Any], slept: list[float]) -> None:
    told = run(retried({**BUSY, **rule}), step=failing(99, BusyError("later")))
    assert told.slept == slept
    assert told.calls["step"] == len(slept) + 1


def test_each_rule_counts_for_itself() -> None:
    """The first rule that matches is used; another error has attempts of its own."""
    errors: list[Exception] = [BrokenError("b"), BusyError("a"), BusyError("a"), BrokenError("b"), BusyError("a")]

    def step(_payload: Any) -> str:
        if errors:
            raise errors.pop()
        return "done"

    rules = ({**BUSY, "MaxAttempts": 3}, {"ErrorEquals": ["BrokenError"], "MaxAttempts": 2, "IntervalSeconds": 10})
    told = run(retried(*rules), step=step)
    assert (told.error, told.slept) == (None, [1.0, 10.0, 2.0, 4.0, 20.0])


def test_attempts_that_are_used_up_are_not_continued_by_a_later_rule() -> None:
    told = run(
        retried({**BUSY, "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}),
        step=failing(99, BusyError("later")),
    )
    assert told.calls["step"] == 2


class TestNames:
    def matched(self, names: list[str], error: str) -> bool:
        def step(_payload: Any) -> None:
            raise MachineFailed(error, "why")

        definition = machine(A=task(Catch=[{"ErrorEquals": names, "Next": "Caught"}]), Caught={"Type": "Succeed"})
        return run(definition, step=step).error is None

    @pytest.mark.parametrize(
        ("names", "error", "caught"),
        [
            (["BusyError"], "BusyError", True),
            (["BusyError"], "TransientError", False),
            (["Exception"], "BusyError", False),
            (["BrokenError", "BusyError"], "BusyError", True),
            (["States.ALL"], "BusyError", True),
            (["States.ALL"], "States.Timeout", True),
            (["States.TaskFailed"], "BusyError", True),
            (["States.TaskFailed"], "States.Timeout", False),
            (["States.Timeout"], "States.Timeout", True),
            (["States.ALL"], "States.Runtime", False),
            (["States.ALL"], "States.DataLimitExceeded", False),
        ],
    )
    def test_an_error_is_matched_by_its_name_and_not_by_its_family(
        self, names: list[str], error: str, caught: bool
    ) -> None:
        assert self.matched(names, error) is caught


class TestCatching:
    def caught(self, **catcher: Any) -> Any:
        definition = machine(
            A=task(ResultPath="$.never", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B", **catcher}]),
            B={"Type": "Succeed"},
        )
        return run(definition, {"kept": 1}, step=failing(1, BusyError("later"))).output

    def test_the_error_replaces_the_document_unless_it_is_placed(self) -> None:
        assert self.caught() == {"Error": "BusyError", "Cause": "later"}

    def test_the_error_is_placed_beside_what_came_in(self) -> None:
        assert self.caught(ResultPath="$.failure") == {"kept": 1, "failure": {"Error": "BusyError", "Cause": "later"}}

    def test_the_error_may_be_dropped(self) -> None:
        assert self.caught(ResultPath=None) == {"kept": 1}

    def test_the_first_rule_that_matches_is_followed(self) -> None:
        definition = machine(
            A=task(
                Catch=[
                    {"ErrorEquals": ["BrokenError"], "Next": "B"},
                    {"ErrorEquals": ["BusyError"], "Next": "C"},
                    {"ErrorEquals": ["States.ALL"], "Next": "B"},
                ]
            ),
            B={"Type": "Succeed"},
            C={"Type": "Succeed"},
        )
        assert run(definition, step=failing(1, BusyError("x"))).entered == ["A", "C"]

    def test_it_is_tried_again_before_it_is_caught(self) -> None:
        definition = machine(
            A=task(Retry=[{**BUSY, "MaxAttempts": 2}], Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]),
            B={"Type": "Succeed"},
        )
        told = run(definition, step=failing(99, BusyError("x")))
        assert (told.calls["step"], told.entered) == (3, ["A", "B"])

    def test_entering_a_state_anew_begins_its_attempts_anew(self) -> None:
        definition = machine(
            A=task(Retry=[{**BUSY, "MaxAttempts": 1}], Catch=[{"ErrorEquals": ["BusyError"], "Next": "W"}]),
            W={"Type": "Wait", "Seconds": 60, "Next": "A"},
        )
        told = run(definition, step=failing(3, BusyError("x")))
        assert (told.error, told.calls["step"], told.slept) == (None, 4, [1.0, 60.0, 1.0])
