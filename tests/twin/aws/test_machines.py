from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import EU, ROLE, US, Client, Deploy
from twin.aws import EmulatedAws

FAILS_UNTIL = """
count = 0
class NotReadyError(Exception): ...
def handle(event, context):
    global count; count += 1
    if count <= event["failures"]:
        raise NotReadyError("not yet")
    return {"attempt": count}
"""
SLEEPS = "import time\ndef handle(event, context):\n    time.sleep(event['sleep'])\n    return 'woke'\n"
SHAKES = {"ErrorEquals": ["NotReadyError"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxDelaySeconds": 1}


class Machine:
    """One state machine in one region."""

    def __init__(self, client: Client, definition: Any, region: str = US) -> None:
        self._machines = client("stepfunctions", region)
        self.arn = self._machines.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=ROLE)[
            "stateMachineArn"
        ]

    def start(self, given: Any = None, **named: Any) -> Any:
        answer = self._machines.start_execution(stateMachineArn=self.arn, input=json.dumps(given or {}), **named)
        return answer["executionArn"]

    def told(self, arn: Any) -> Any:
        return self._machines.describe_execution(executionArn=arn)

    def stop(self, arn: Any) -> None:
        self._machines.stop_execution(executionArn=arn, error="Operator", cause="no more")

    def ended(self, arn: Any, seconds: float = 8.0) -> Any:
        end = time.monotonic() + seconds
        while (told := self.told(arn))["status"] == "RUNNING":
            assert time.monotonic() < end, "the execution does not end"
            time.sleep(0.02)
        return told

    def run(self, given: Any = None) -> Any:
        return self.ended(self.start(given))

    def output(self, given: Any = None) -> Any:
        told = self.run(given)
        assert told["status"] == "SUCCEEDED", (told.get("error"), told.get("cause"))
        return json.loads(told["output"])

    def history(self, arn: Any) -> Any:
        return self._machines.get_execution_history(executionArn=arn, maxResults=1000)["events"]


def task(name: str, **fields: Any) -> Any:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": name, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **fields,
    }


def one(state: Any, **fields: Any) -> Any:
    return {"StartAt": "Only", "States": {"Only": state}, **fields}


def caught(state: Any, *errors: Any) -> Any:
    catch = [{"ErrorEquals": list(errors), "ResultPath": "$.failure", "Next": "Caught"}]
    return {"StartAt": "Only", "States": {"Only": {**state, "Catch": catch}, "Caught": {"Type": "Pass", "End": True}}}


def test_a_function_is_retried_by_the_name_of_its_error(client: Client, function: Deploy) -> None:
    name = function(FAILS_UNTIL)
    machine = Machine(client, one(task(name, Retry=[{**SHAKES, "IntervalSeconds": 0, "MaxAttempts": 2}])))
    assert machine.output({"failures": 2}) == {"attempt": 3}


def test_an_error_by_another_name_is_not_retried(client: Client, function: Deploy) -> None:
    name = function(FAILS_UNTIL)
    told = Machine(client, one(task(name, Retry=[{"ErrorEquals": ["OtherError"]}]))).run({"failures": 1})
    assert (told["status"], told["error"]) == ("FAILED", "NotReadyError")
    assert json.loads(told["cause"])["errorMessage"] == "not yet"


@pytest.mark.parametrize("wanted", ["NotReadyError", "States.TaskFailed", "States.ALL"])
def test_an_error_is_caught_by_its_name_and_by_its_kind(client: Client, function: Deploy, wanted: Any) -> None:
    machine = Machine(client, caught(task(function(FAILS_UNTIL)), wanted))
    told = machine.output({"failures": 9})
    assert told["failures"] == 9
    assert told["failure"]["Error"] == "NotReadyError"


def test_a_retry_waits_no_longer_than_its_greatest_delay(client: Client, function: Deploy) -> None:
    name = function(FAILS_UNTIL)
    retry = {**SHAKES, "IntervalSeconds": 1, "BackoffRate": 50.0, "MaxDelaySeconds": 1, "MaxAttempts": 2}
    begun = time.monotonic()
    assert Machine(client, one(task(name, Retry=[retry]))).output({"failures": 2}) == {"attempt": 3}
    assert 2.0 <= time.monotonic() - begun < 4.0


def test_a_task_runs_out_of_time_that_is_given_by_path(client: Client, function: Deploy) -> None:
    machine = Machine(
        client, caught(task(function(SLEEPS, Timeout=9), TimeoutSecondsPath="$.budget.step_seconds"), "States.Timeout")
    )
    begun = time.monotonic()
    told = machine.output({"sleep": 5, "budget": {"step_seconds": 1}})
    assert told["failure"]["Error"] == "States.Timeout"
    assert 1.0 <= time.monotonic() - begun < 2.5


@pytest.mark.parametrize("seconds", [1.5, "1", None])
def test_seconds_by_path_that_are_no_whole_number_end_the_execution(
    client: Client, function: Deploy, seconds: float
) -> None:
    machine = Machine(client, caught(task(function(SLEEPS), TimeoutSecondsPath="$.seconds"), "States.ALL"))
    told = machine.run({"sleep": 0, "seconds": seconds})
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")


def test_a_function_that_runs_out_of_its_own_time_says_so(client: Client, function: Deploy) -> None:
    machine = Machine(client, caught(task(function(SLEEPS, Timeout=1)), "Sandbox.Timedout"))
    assert machine.output({"sleep": 5})["failure"]["Error"] == "Sandbox.Timedout"


def test_a_throttled_function_is_named_as_lambda_names_it(client: Client, function: Deploy) -> None:
    name = function(SLEEPS)
    client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    machine = Machine(client, caught(task(name), "Lambda.TooManyRequestsException"))
    assert "failure" in machine.output({"sleep": 0})


def test_a_path_to_nothing_ends_the_execution_and_nothing_catches_it(client: Client, function: Deploy) -> None:
    state = task(function(SLEEPS), Parameters={"FunctionName.$": "$.misspelt"}, Retry=[{"ErrorEquals": ["States.ALL"]}])
    told = Machine(client, caught(state, "States.ALL")).run({"sleep": 0})
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")
    assert "$.misspelt" in told["cause"]


def test_null_is_present_and_a_choice_without_a_match_fails(client: Client) -> None:
    choices = [{"Variable": "$.phase", "IsPresent": True, "Next": "Present"}]
    states = {"Only": {"Type": "Choice", "Choices": choices}, "Present": {"Type": "Succeed"}}
    machine = Machine(client, {"StartAt": "Only", "States": states})
    assert machine.output({"phase": None}) == {"phase": None}
    assert machine.run({})["error"] == "States.Runtime"


def test_a_wait_is_as_long_as_it_says(client: Client) -> None:
    machine = Machine(client, one({"Type": "Wait", "SecondsPath": "$.seconds", "End": True}))
    begun = time.monotonic()
    machine.output({"seconds": 1})
    assert 1.0 <= time.monotonic() - begun < 1.3
    begun = time.monotonic()
    machine.output({"seconds": 0})
    assert time.monotonic() - begun < 0.3


def test_a_machine_times_out(client: Client) -> None:
    machine = Machine(client, one({"Type": "Wait", "Seconds": 30, "End": True}, TimeoutSeconds=1))
    begun = time.monotonic()
    assert machine.run()["status"] == "TIMED_OUT"
    assert time.monotonic() - begun < 2


def test_a_stopped_execution_does_nothing_more(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    writes = function("def handle(event, context):\n    print('ran')\n")
    branch = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Write"}, "Write": task(writes)},
    }
    machine = Machine(client, one({"Type": "Parallel", "Branches": [branch], "End": True}))
    arn = machine.start()
    machine.stop(arn)
    time.sleep(1.3)
    told = machine.told(arn)
    assert (told["status"], told["error"]) == ("ABORTED", "Operator")
    assert aws.functions.log(US, writes) == []


def test_starting_again_under_the_same_name_and_input_joins_the_running_one(client: Client) -> None:
    machine = Machine(client, one({"Type": "Wait", "SecondsPath": "$.seconds", "End": True}))
    arn = machine.start({"seconds": 1}, name="failover-1-1")
    assert machine.start({"seconds": 1}, name="failover-1-1") == arn
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start({"seconds": 2}, name="failover-1-1")
    machine.ended(arn)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machine.start({"seconds": 1}, name="failover-1-1")


def test_branches_run_beside_each_other_and_each_keeps_its_own_state(client: Client) -> None:
    def branch(seconds: float, name: str) -> Any:
        wait = {"Type": "Wait", "Seconds": seconds, "Next": name}
        told = {"Type": "Pass", "Parameters": {"state.$": "$$.State.Name"}, "End": True}
        return {"StartAt": "Wait", "States": {"Wait": wait, name: told}}

    branches = [branch(1, "Slow"), branch(0, "Fast"), branch(1, "Other")]
    begun = time.monotonic()
    output = Machine(client, one({"Type": "Parallel", "Branches": branches, "End": True})).output()
    assert [told["state"] for told in output] == ["Slow", "Fast", "Other"]
    assert time.monotonic() - begun < 1.8


def test_the_first_branch_that_fails_ends_the_others(client: Client) -> None:
    slow = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 20, "End": True}}}
    fails = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "RefusedError", "Cause": "no"}}}
    machine = Machine(client, caught({"Type": "Parallel", "Branches": [slow, fails], "End": True}, "RefusedError"))
    begun = time.monotonic()
    assert machine.output()["failure"] == {"Error": "RefusedError", "Cause": "no"}
    assert time.monotonic() - begun < 2


def test_a_map_is_retried_as_a_whole_and_caught_by_name(client: Client, function: Deploy) -> None:
    name = function(FAILS_UNTIL)
    state = {
        "Type": "Map",
        "ItemsPath": "$.databases",
        "ItemSelector": {"database.$": "$$.Map.Item.Value", "failures.$": "$.failures"},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **one(task(name))},
        "MaxConcurrency": 1,
        "Retry": [{**SHAKES, "IntervalSeconds": 0, "MaxAttempts": 1}],
        "End": True,
    }
    machine = Machine(client, caught(state, "NotReadyError"))
    assert machine.output({"databases": ["orders", "ledger"], "failures": 1}) == [{"attempt": 2}, {"attempt": 3}]
    assert machine.output({"databases": ["orders"], "failures": 99})["failure"]["Error"] == "NotReadyError"


def test_an_answer_with_the_tasks_token_ends_the_wait(client: Client, function: Deploy) -> None:
    source = """
    import boto3
    def handle(event, context):
        boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"consent": true}')
    """
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function(source, Timeout=9), "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 8,
        "End": True,
    }
    assert Machine(client, one(state)).output() == {"consent": True}


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"TimeoutSeconds": 1}, "States.Timeout"),
        ({"TimeoutSeconds": 5, "HeartbeatSeconds": 1}, "States.HeartbeatTimeout"),
    ],
)
def test_a_token_that_nobody_answers_runs_out_of_time(
    client: Client, function: Deploy, limits: Any, error: Any
) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function(SLEEPS), "Payload": {"token.$": "$$.Task.Token", "sleep": 0}},
        "End": True,
        **limits,
    }
    begun = time.monotonic()
    assert Machine(client, one(state)).run()["error"] == error
    assert time.monotonic() - begun < 2.5


def test_an_execution_stands_still_while_its_region_is_lost_and_its_task_is_seen_to_have_failed(
    aws: EmulatedAws, client: Client, function: Deploy
) -> None:
    name = function(SLEEPS, EU, Timeout=60)
    machine = Machine(client, caught(task(name), "Lambda.SdkClientException"), EU)
    arn = machine.start({"sleep": 1})
    time.sleep(0.3)
    aws.outages.region_down(EU)
    time.sleep(1.5)
    aws.outages.region_up(EU)
    told = machine.ended(arn)
    assert json.loads(told["output"])["failure"]["Error"] == "Lambda.SdkClientException"


def test_the_history_names_every_state_once_in_order(client: Client) -> None:
    states = {"One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Succeed"}}
    machine = Machine(client, {"StartAt": "One", "States": states})
    arn = machine.start()
    machine.ended(arn)
    history = machine.history(arn)
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if event["type"].endswith("Entered")]
    assert entered == ["One", "Two"]
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))


def test_twelve_small_steps_take_a_tenth_of_a_second_each_at_most(client: Client, function: Deploy) -> None:
    name = function("def handle(event, context):\n    return event\n")
    states = {f"Step{n}": task(name, Next=f"Step{n + 1}") for n in range(12)}
    for state in states.values():
        del state["End"]
    states["Step12"] = {"Type": "Succeed"}
    machine = Machine(client, {"StartAt": "Step0", "States": states})
    machine.output({"warm": True})
    begun = time.monotonic()
    machine.output({"warm": True})
    assert time.monotonic() - begun < 1.2


def test_a_redriven_execution_goes_on_where_it_ended_under_its_own_id(client: Client, function: Deploy) -> None:
    fails_once = (
        "count = 0\ndef handle(event, context):\n    global count; count += 1\n    assert count > 1\n    return count\n"
    )
    counts = "count = 0\ndef handle(event, context):\n    global count; count += 1\n    return count\n"
    first = {**task(function(counts), ResultPath="$.first", Next="Second")}
    second = task(function(fails_once), ResultPath="$.second")
    for state in (first, second):
        del state["OutputPath"]
        state["ResultSelector"] = {"runs.$": "$.Payload"}
    del first["End"]
    machine = Machine(client, {"StartAt": "First", "States": {"First": first, "Second": second}})
    arn = machine.start({})
    assert machine.ended(arn)["error"] == "AssertionError"
    client("stepfunctions").redrive_execution(executionArn=arn)
    told = machine.ended(arn)
    assert json.loads(told["output"]) == {"first": {"runs": 1}, "second": {"runs": 2}}
    assert [event["type"] for event in machine.history(arn)].count("ExecutionRedriven") == 1
    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        client("stepfunctions").redrive_execution(executionArn=arn)


def test_a_stopped_execution_that_is_redriven_at_once_runs_once(client: Client, function: Deploy) -> None:
    counts = "count = 0\ndef handle(event, context):\n    global count; count += 1\n    return count\n"
    states = {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Count"}, "Count": task(function(counts))}
    machine = Machine(client, {"StartAt": "Wait", "States": states})
    arn = machine.start({})
    machine.stop(arn)
    client("stepfunctions").redrive_execution(executionArn=arn)
    assert json.loads(machine.ended(arn)["output"]) == 1
    time.sleep(0.5)
    assert machine.output() == 2


def test_who_asks_hears_of_a_state_before_the_next_is_entered(
    aws: EmulatedAws, client: Client, function: Deploy
) -> None:
    name = function(SLEEPS, EU)
    states = {"One": {"Type": "Wait", "Seconds": 1, "Next": "Two"}, "Two": task(name)}
    machine = Machine(client, {"StartAt": "One", "States": states}, EU)

    def lose(region: str, _execution: str, state: str) -> None:
        if state == "One":
            aws.outages.region_down(region)

    aws.machines.on_state_left(lose)
    arn = machine.start({"sleep": 0})
    time.sleep(1.5)
    (ran,) = aws.machines.executions()
    assert (ran.region, ran.machine, ran.status) == (EU, "machine", "RUNNING")
    back = time.time()
    aws.outages.region_up(EU)
    assert machine.ended(arn)["status"] == "SUCCEEDED"
    (entered,) = [event for event in machine.history(arn) if event["type"] == "TaskStateEntered"]
    assert entered["timestamp"].timestamp() >= back - 0.01
