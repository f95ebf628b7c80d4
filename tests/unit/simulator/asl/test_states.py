"""Each kind of state, as https://states-language.net/ says."""

from typing import Any

import pytest

from tests.unit.simulator.asl.machines import EXECUTION, failing, machine, run, task


class BusyError(Exception):
    """May succeed later."""


class TestTask:
    def test_the_payload_is_what_the_template_says(self) -> None:
        definition = machine(
            A=task(
                Parameters={
                    "FunctionName": "${StepArn}",
                    "Payload": {"a.$": "$.x.y", "b": [{"c.$": "$.z"}, 7], "who.$": "$$.Execution.Id"},
                }
            )
        )
        told = run(definition, {"x": {"y": 1}, "z": [2]}, step=lambda payload: payload)
        assert told.called == [("step", {"a": 1, "b": [{"c": [2]}, 7], "who": EXECUTION}, 15.0)]

    @pytest.mark.parametrize(
        ("fields", "output"),
        [
            ({}, {"StatusCode": 200, "Payload": {"n": 1}}),
            ({"OutputPath": "$.Payload"}, {"n": 1}),
            ({"ResultPath": None}, {"kept": 0}),
            ({"ResultPath": "$.made.here"}, {"kept": 0, "made": {"here": {"StatusCode": 200, "Payload": {"n": 1}}}}),
            ({"ResultSelector": {"n.$": "$.Payload.n"}, "ResultPath": "$.made"}, {"kept": 0, "made": {"n": 1}}),
            ({"ResultSelector": {"n.$": "$.Payload.n"}}, {"n": 1}),
            ({"ResultPath": "$.made", "OutputPath": "$.kept"}, 0),
        ],
    )
    def test_the_result_is_selected_placed_and_cut_out_in_this_order(self, fields: dict[str, Any], output: Any) -> None:
        assert run(machine(A=task(**fields)), {"kept": 0}, step=lambda _: {"n": 1}).output == output

    def test_the_time_limit_is_told_or_found(self) -> None:
        definition = machine(A=task())
        del definition["States"]["A"]["TimeoutSeconds"]
        definition["States"]["A"]["TimeoutSecondsPath"] = "$.budget.step_seconds"
        told = run(definition, {"budget": {"step_seconds": 37}}, step=lambda _: 0)
        assert told.called[0][2] == 37.0


class TestMap:
    def over(self, inner: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return machine(
            M={
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **machine(I=inner)},
                **({} if "Next" in fields else {"End": True}),
                **fields,
            }
        )

    def test_each_item_is_worked_on_and_the_results_keep_their_order(self) -> None:
        told = run(self.over(task(OutputPath="$.Payload")), {"items": [1, 2, 3]}, step=lambda n: n * 10)
        assert told.output == [10, 20, 30]

    def test_no_items_are_no_work(self) -> None:
        assert run(self.over(task()), {"items": []}, step=lambda n: n).output == []

    def test_an_item_is_made_from_the_whole_document(self) -> None:
        selector = {"one.$": "$$.Map.Item.Value.name", "number.$": "$$.Map.Item.Index", "all.$": "$.shared"}
        definition = self.over(task(OutputPath="$.Payload"), ItemSelector=selector, ResultPath="$.done")
        told = run(definition, {"items": [{"name": "a"}, {"name": "b"}], "shared": 9}, step=lambda item: item)
        assert told.output["done"] == [{"one": "a", "number": 0, "all": 9}, {"one": "b", "number": 1, "all": 9}]

    def test_an_item_that_fails_fails_the_map_under_the_same_name(self) -> None:
        definition = self.over(task(), Catch=[{"ErrorEquals": ["BusyError"], "ResultPath": "$.why", "Next": "C"}])
        definition["States"]["C"] = {"Type": "Succeed"}
        told = run(definition, {"items": [1, 2]}, step=failing(1, BusyError("later")))
        assert told.output["why"] == {"Error": "BusyError", "Cause": "later"}
        assert told.calls["step"] == 1

    def test_a_fail_state_inside_fails_the_map(self) -> None:
        told = run(self.over({"Type": "Fail", "Error": "Inner", "Cause": "why"}), {"items": [1]})
        assert (told.error, told.cause) == ("Inner", "why")

    def test_a_map_that_is_tried_again_begins_with_its_first_item(self) -> None:
        definition = self.over(task(OutputPath="$.Payload"), Retry=[{"ErrorEquals": ["BusyError"]}])
        told = run(definition, {"items": [1]}, step=failing(1, BusyError("later"), then="x"))
        assert (told.output, told.slept) == (["x"], [1.0])


class TestChoice:
    def chosen(self, value: Any, *choices: dict[str, Any], **fields: Any) -> Any:
        definition = machine(
            C={"Type": "Choice", "Choices": list(choices), **fields},
            Yes={"Type": "Pass", "Result": "yes", "End": True},
            No={"Type": "Pass", "Result": "no", "End": True},
        )
        told = run(definition, {"value": value})
        return told.output if told.error is None else told.error

    @pytest.mark.parametrize(
        ("value", "comparison", "outcome"),
        [
            ("BEFORE", {"StringEquals": "BEFORE"}, "yes"),
            ("AFTER", {"StringEquals": "BEFORE"}, "no"),
            (True, {"BooleanEquals": True}, "yes"),
            (False, {"BooleanEquals": False}, "yes"),
            (False, {"BooleanEquals": True}, "no"),
            (1, {"BooleanEquals": True}, "no"),
            (None, {"BooleanEquals": False}, "no"),
            ("true", {"BooleanEquals": True}, "no"),
        ],
    )
    def test_a_value_is_compared_with_its_own_kind(self, value: Any, comparison: dict[str, Any], outcome: str) -> None:
        rule = {"Variable": "$.value", "Next": "Yes", **comparison}
        assert self.chosen(value, rule, Default="No") == outcome

    def test_the_first_that_matches_is_taken(self) -> None:
        first = {"Variable": "$.value", "StringEquals": "x", "Next": "Yes"}
        assert self.chosen("x", first, {**first, "Next": "No"}, Default="No") == "yes"


class TestOthers:
    @pytest.mark.parametrize(
        ("fields", "slept"), [({"Seconds": 5}, 5.0), ({"Seconds": 0}, 0.0), ({"SecondsPath": "$.wait_seconds"}, 12.0)]
    )
    def test_a_wait_passes_time_and_keeps_the_document(self, fields: dict[str, Any], slept: float) -> None:
        told = run(machine(W={"Type": "Wait", "End": True, **fields}), {"wait_seconds": 12})
        assert (told.slept, told.output) == ([slept], {"wait_seconds": 12})

    @pytest.mark.parametrize("given", [12.5, "12", True, -1, None])
    def test_only_whole_seconds_can_be_waited(self, given: Any) -> None:
        told = run(machine(W={"Type": "Wait", "SecondsPath": "$.wait_seconds", "End": True}), {"wait_seconds": given})
        assert (told.error, told.slept) == ("States.Runtime", [])

    @pytest.mark.parametrize(
        ("fields", "output"),
        [
            ({}, {"x": 1}),
            ({"Result": {"r": 2}}, {"r": 2}),
            ({"Result": 0, "ResultPath": "$.y"}, {"x": 1, "y": 0}),
            ({"Parameters": {"z.$": "$.x"}}, {"z": 1}),
            ({"Parameters": {"z.$": "$.x"}, "ResultPath": "$.y"}, {"x": 1, "y": {"z": 1}}),
            ({"ResultPath": None}, {"x": 1}),
        ],
    )
    def test_a_pass_makes_what_it_says(self, fields: dict[str, Any], output: Any) -> None:
        assert run(machine(P={"Type": "Pass", "End": True, **fields}), {"x": 1}).output == output

    def test_a_fail_says_what_it_was_told(self) -> None:
        told = run(machine(F={"Type": "Fail", "Error": "E", "Cause": "c"}))
        assert (told.error, told.cause) == ("E", "c")

    def test_a_fail_finds_what_was_caught(self) -> None:
        definition = machine(F={"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"})
        told = run(definition, {"failure": {"Error": "BusyError", "Cause": "later"}})
        assert (told.error, told.cause) == ("BusyError", "later")

    def test_the_document_goes_from_state_to_state(self) -> None:
        definition = machine(
            A={"Type": "Pass", "Result": 1, "ResultPath": "$.a", "Next": "B"},
            B={"Type": "Pass", "Result": 2, "ResultPath": "$.b", "Next": "C"},
            C={"Type": "Succeed"},
        )
        told = run(definition)
        assert (told.output, told.entered) == ({"a": 1, "b": 2}, ["A", "B", "C"])


@pytest.mark.parametrize(
    "definition",
    [
        machine(A=task(Parameters={"FunctionName": "${StepArn}", "Payload.$": "$.missing"})),
        machine(A=task(OutputPath="$.Payload.missing")),
        machine(A=task(ResultPath="$.number.below")),
        machine(W={"Type": "Wait", "SecondsPath": "$.missing_seconds", "End": True}),
        machine(F={"Type": "Fail", "ErrorPath": "$.missing.Error", "Cause": "c"}),
    ],
)
def test_a_path_that_leads_nowhere_ends_the_execution_and_says_which(definition: dict[str, Any]) -> None:
    """It is caught by nothing, as on AWS: a machine with such a path is wrong."""
    definition["States"][definition["StartAt"]].setdefault("Comment", "wrong")
    told = run(definition, {"number": 7}, step=lambda _: {"n": 1})
    assert told.error == "States.Runtime"
    assert told.cause is not None
    assert "$." in told.cause
