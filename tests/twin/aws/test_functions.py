from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from tests.twin.aws.conftest import EU, ROLE, US, Client, Deploy, zipped
from twin.aws import EmulatedAws
from twin.network import AddressPlan

ECHO = "def handle(event, context):\n    return event\n"
RAISES = """
class NotReadyError(Exception): ...
def handle(event, context):
    print("about to fail")
    raise NotReadyError("not yet")
"""


def invoke(lambdas: Any, name: str, event: Any = None) -> Any:
    answer = lambdas.invoke(FunctionName=name, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


@pytest.mark.parametrize("event", [None, 1, "text", ["a"], {"nested": {"null": None}}])
def test_a_value_of_any_type_goes_through(client: Client, function: Deploy, event: Any) -> None:
    assert invoke(client("lambda"), function(ECHO), event) == (None, event)


def test_an_exception_is_told_by_its_class_name(client: Client, function: Deploy) -> None:
    error, told = invoke(client("lambda"), function(RAISES))
    assert error == "Unhandled"
    assert (told["errorType"], told["errorMessage"]) == ("NotReadyError", "not yet")
    assert any("index.py" in frame for frame in told["stackTrace"])


@pytest.mark.parametrize(
    ("source", "settings", "kind"),
    [
        ("import nothing_of_that_name\n", {}, "Runtime.ImportModuleError"),
        ("def handle(event, context)\n", {}, "Runtime.UserCodeSyntaxError"),
        (ECHO, {"Handler": "index.other"}, "Runtime.HandlerNotFound"),
        ("raise KeyError('no variable')\n", {}, "KeyError"),
        ("def handle(event, context):\n    return object()\n", {}, "Runtime.MarshalError"),
        ("import os\ndef handle(event, context):\n    os._exit(3)\n", {}, "Runtime.ExitError"),
        ("import time\ndef handle(event, context):\n    time.sleep(30)\n", {"Timeout": 1}, "Sandbox.Timedout"),
    ],
)
def test_an_error_of_the_runtime_has_awss_name(client: Client, source: Any, settings: Any, kind: Any) -> None:
    lambdas = client("lambda", patience=5)
    told = {"Runtime": "python3.13", "Handler": "index.handle", "Role": ROLE} | settings
    lambdas.create_function(FunctionName="broken", Code={"ZipFile": zipped({"index.py": source})}, **told)
    error, answer = invoke(lambdas, "broken")
    assert (error, answer["errorType"]) == ("Unhandled", kind)


def test_a_function_is_a_process_of_its_own_that_stays_warm(client: Client, function: Deploy) -> None:
    source = """
    import os
    count = 0
    def handle(event, context):
        global count; count += 1
        return [os.getpid(), count]
    """
    name = function(source)
    _, (first, one) = invoke(client("lambda"), name)
    _, (second, two) = invoke(client("lambda"), name)
    assert first == second != os.getpid()
    assert (one, two) == (1, 2)


def test_an_exception_leaves_the_process_warm(client: Client, function: Deploy) -> None:
    name = function(
        "import os\ndef handle(event, context):\n    if event: raise ValueError(os.getpid())\n    return os.getpid()\n"
    )
    _, told = invoke(client("lambda"), name, event=True)
    assert invoke(client("lambda"), name)[1] == int(told["errorMessage"])


def test_the_context_is_what_powertools_wants(client: Client, function: Deploy) -> None:
    source = """
    from aws_lambda_powertools import Logger
    logger = Logger(service="probe")
    @logger.inject_lambda_context
    def handle(event, context):
        logger.info("seen")
        return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,
                context.aws_request_id, context.get_remaining_time_in_millis()]
    """
    name = function(source, EU, MemorySize=256, Timeout=9)
    error, told = invoke(client("lambda", EU, patience=9), name)
    assert error is None
    assert told[:3] == [name, "256", f"arn:aws:lambda:{EU}:111122223333:function:{name}"]
    assert len(told[3]) == 36
    assert 8000 < told[4] <= 9000


def test_a_function_calls_aws_from_its_region(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    source = """
    import boto3, os
    def handle(event, context):
        return [os.environ["AWS_REGION"], boto3.client("sts", region_name=event).get_caller_identity()["Account"]]
    """
    _, told = invoke(client("lambda", EU, patience=9), function(source, EU), US)
    assert told == [EU, aws.account]
    assert aws.calls.count(service="sts", source=EU, target=US) == 1


def test_the_regions_environment_reaches_the_function_and_this_processes_own_does_not(
    plan: AddressPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_OPERATOR", "seen")
    with EmulatedAws(plan, worker_environment=lambda region: {"PLACE": f"in {region}"}, preload=()) as aws:
        lambdas = boto3.client(
            "lambda",
            region_name=EU,
            endpoint_url=aws.endpoint(),
            aws_access_key_id=aws.account,
            aws_secret_access_key="any",
        )
        source = "import os\ndef handle(event, context):\n    return [os.environ.get(name) for name in event]\n"
        lambdas.create_function(
            FunctionName="asked",
            Runtime="python3.13",
            Handler="index.handle",
            Role=ROLE,
            Code={"ZipFile": zipped({"index.py": source})},
            Environment={"Variables": {"OWN": "told", "AWS_REGION": "mars-1"}},
        )
        wanted = ["PLACE", "OWN", "SECRET_OF_THE_OPERATOR", "AWS_REGION"]
        assert invoke(lambdas, "asked", wanted)[1] == [f"in {EU}", "told", None, EU]
        lambdas.close()


def test_reserved_concurrency_throttles(client: Client, function: Deploy) -> None:
    name = function("import time\ndef handle(event, context):\n    time.sleep(event)\n", Timeout=9)
    lambdas = client("lambda", patience=9)
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    thread = threading.Thread(target=invoke, args=(lambdas, name, 1))
    thread.start()
    time.sleep(0.5)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        invoke(lambdas, name, 0)
    thread.join()
    assert invoke(lambdas, name, 0) == (None, None)


def test_functions_of_a_lost_region_are_killed_and_start_anew_when_it_is_back(
    aws: EmulatedAws, client: Client, function: Deploy
) -> None:
    name = function("import os\ndef handle(event, context):\n    return os.getpid()\n", EU)
    lambdas = client("lambda", EU, patience=5)
    _, before = invoke(lambdas, name)
    aws.outages.region_down(EU)
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.kill(before, 0)
            time.sleep(0.02)
    aws.outages.region_up(EU)
    _, after = invoke(lambdas, name)
    assert after != before


def test_new_code_is_what_runs_next(client: Client, function: Deploy) -> None:
    name = function(ECHO)
    assert invoke(client("lambda"), name, "old") == (None, "old")
    changed = zipped({"index.py": "def handle(event, context):\n    return 'new'\n"})
    client("lambda").update_function_code(FunctionName=name, ZipFile=changed)
    assert invoke(client("lambda"), name, "old") == (None, "new")


def test_what_a_function_writes_can_be_read(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = function(RAISES)
    answer = client("lambda").invoke(FunctionName=name, LogType="Tail", Payload=b"null")
    assert "LogResult" in answer
    lines = [line.text for line in aws.functions.log(US, name)]
    assert lines[0] == "about to fail"
    assert lines[-1].endswith("NotReadyError: not yet")
    groups = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert "about to fail" in [event["message"] for event in groups]


def test_an_event_that_nobody_waits_for_is_delivered(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = function("def handle(event, context):\n    print('got', event)\n")
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'"it"')
    assert eventually(lambda: [line.text for line in aws.functions.log(US, name)]) == ["got it"]


def test_an_event_that_no_retry_is_left_for_goes_to_the_dead_letters(client: Client, function: Deploy) -> None:
    queue = client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    name = function(RAISES, DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:111122223333:dead"})
    client("lambda").put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'"it"')
    found = eventually(lambda: client("sqs").receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(found[0]["Body"]) == "it"


def test_an_event_of_a_lost_region_waits_for_it(aws: EmulatedAws, client: Client, function: Deploy) -> None:
    name = function("def handle(event, context):\n    print('got', event)\n", EU)
    aws.outages.region_down(EU)
    with request_scope(aws.account, EU):
        lambda_svc.invoke_async_with_retry(lambda_svc._functions[name], "late")
    time.sleep(0.3)
    assert aws.functions.log(EU, name) == []
    aws.outages.region_up(EU)
    assert eventually(lambda: [line.text for line in aws.functions.log(EU, name)]) == ["got late"]


def eventually(look: Any, seconds: float = 5.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    return look()
