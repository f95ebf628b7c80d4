from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.services import lambda_svc, stepfunctions
from ministack.services.cloudformation import provisioners

from tests.twin.aws.conftest import EU, ROLE, US, zipped
from twin.aws import EmulatedAws, NotStartedError
from twin.network import AddressPlan

# MiniStack's own, started when it is imported, asleep for ever.
ITS_OWN = {"dynamodb-ttl-reaper"}
SLEEPS = "import time\ndef handle(event, context):\n    time.sleep(60)\n"


def threads() -> Any:
    return {thread.name for thread in threading.enumerate()} - ITS_OWN


def folders() -> Any:
    return set(Path(tempfile.gettempdir()).glob("lifeboat-aws-*"))


def use(aws: EmulatedAws) -> None:
    """Deploy and run something of everything that could stay behind."""
    told: Any = {
        "region_name": EU,
        "endpoint_url": aws.endpoint(EU),
        "aws_access_key_id": aws.account,
        "aws_secret_access_key": "any",
    }
    lambdas, machines = boto3.client("lambda", **told), boto3.client("stepfunctions", **told)
    lambdas.create_function(
        FunctionName="sleeps",
        Runtime="python3.13",
        Handler="index.handle",
        Role=ROLE,
        Timeout=60,
        Code={"ZipFile": zipped({"index.py": SLEEPS})},
    )
    lambdas.invoke(FunctionName="sleeps", InvocationType="Event", Payload=b"1")
    wait = '{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": true}}}'
    arn = machines.create_state_machine(name="waits", definition=wait, roleArn=ROLE)["stateMachineArn"]
    machines.start_execution(stateMachineArn=arn)
    lambdas.close()
    machines.close()


def test_nothing_is_left_when_it_stops(plan: AddressPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # away from what others make meanwhile
    before = threads(), folders(), dict(os.environ), dict(provisioners._RESOURCE_HANDLERS)
    others = set(psutil.Process().children())
    execute = lambda_svc._execute_function_warm
    with EmulatedAws(plan) as aws:
        use(aws)
        time.sleep(0.5)
        assert set(psutil.Process().children()) - others
    assert not set(psutil.Process().children()) - others  # those of others may come and go
    assert (threads(), folders(), dict(os.environ), dict(provisioners._RESOURCE_HANDLERS)) == before
    assert lambda_svc._execute_function_warm is execute
    assert not stepfunctions._executions.has_any()
    for address in ("127.0.0.1", plan.vantage(US)):
        socket.create_server((address, plan.ports.api)).close()


def test_stopping_takes_no_longer_than_a_moment(plan: AddressPlan) -> None:
    aws = EmulatedAws(plan, preload=())
    aws.start()
    use(aws)
    time.sleep(0.3)
    begun = time.monotonic()
    aws.stop()
    assert time.monotonic() - begun < 2
    aws.stop()


def test_stopping_ends_a_call_that_waits_for_a_function(plan: AddressPlan) -> None:
    aws = EmulatedAws(plan, preload=())
    aws.start()
    use(aws)
    asked = threading.Thread(target=_ask, args=(aws,))
    asked.start()
    time.sleep(1)
    begun = time.monotonic()
    aws.stop()
    asked.join(5)
    assert not asked.is_alive()
    assert time.monotonic() - begun < 5


def _ask(aws: EmulatedAws) -> None:
    config = Config(read_timeout=30, retries={"total_max_attempts": 1})
    client = boto3.client(
        *("lambda", EU),
        endpoint_url=aws.endpoint(EU),
        aws_access_key_id=aws.account,
        aws_secret_access_key="any",
        config=config,
    )
    with contextlib.suppress(BotoCoreError, ClientError):
        client.invoke(FunctionName="sleeps", Payload=b"1")


def test_nothing_is_left_when_it_cannot_start(plan: AddressPlan) -> None:
    before = threads(), folders(), dict(os.environ)
    with (
        socket.create_server((plan.vantage(EU), plan.ports.api)),
        pytest.raises(NotStartedError, match=rf"{plan.vantage(EU)}:{plan.ports.api} cannot be opened.*ss -ltnp"),
    ):
        EmulatedAws(plan).start()
    assert (threads(), folders(), dict(os.environ)) == before
    with EmulatedAws(plan, preload=()):
        pass


def test_there_is_one_at_a_time(plan: AddressPlan) -> None:
    with EmulatedAws(plan, preload=()), pytest.raises(NotStartedError, match="another emulated AWS runs"):
        EmulatedAws(plan).start()


def test_what_is_not_started_says_so(plan: AddressPlan) -> None:
    with pytest.raises(NotStartedError, match=r"call start\(\) first"):
        _ = EmulatedAws(plan).functions


def test_it_starts_empty_each_time(plan: AddressPlan) -> None:
    for _ in range(2):
        with EmulatedAws(plan, preload=()) as aws:
            sns = boto3.client(
                "sns",
                region_name=EU,
                endpoint_url=aws.endpoint(),
                aws_access_key_id=aws.account,
                aws_secret_access_key="any",
            )
            assert sns.list_topics()["Topics"] == []
            sns.create_topic(Name="pages")
            sns.close()


def test_it_listens_on_loopback_only(plan: AddressPlan) -> None:
    with EmulatedAws(plan, preload=()):
        connections = psutil.Process().net_connections(kind="tcp")
        listening = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    assert listening
    assert all(address.startswith("127.") for address in listening)


def test_functions_die_with_a_process_that_is_killed(plan: AddressPlan, tmp_path: Path) -> None:
    """The operator's terminal is closed: nobody stops anything."""
    script = f"""
import sys
sys.path[:0] = {sys.path!r}
from tests.twin.aws.test_lifecycle import use
from twin.aws import EmulatedAws
from twin.network import AddressPlan, Ports
import os, pathlib, signal, time, psutil
plan = AddressPlan({plan.regions!r}, (), Ports(api={plan.ports.api}))
aws = EmulatedAws(plan, folder=pathlib.Path({str(tmp_path)!r}))
aws.start()
use(aws)
while len(children := psutil.Process().children(recursive=True)) < 2:
    time.sleep(0.05)
print(*[child.pid for child in children], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    pids = [int(pid) for pid in told.stdout.split()]
    assert len(pids) == 2, told.stderr
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
