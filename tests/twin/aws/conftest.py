from __future__ import annotations

import io
import itertools
import json
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from twin.aws import EmulatedAws
from twin.network import AddressPlan, claim_ports

US, EU, ASIA = "us-east-1", "eu-west-1", "ap-southeast-1"
ROLE = "arn:aws:iam::111122223333:role/any"
PATIENCE_SECONDS = 1.0
Client = Callable[..., Any]
Deploy = Callable[..., str]
DeployStack = Callable[..., Any]
Reasons = Callable[..., list[str]]


@pytest.fixture
def plan() -> Iterator[AddressPlan]:
    plan = AddressPlan((US, EU, ASIA), ("orders",))
    with claim_ports(lambda ports: plan.with_ports(ports).listeners()) as claim:
        yield plan.with_ports(claim.ports)


@pytest.fixture
def aws(plan: AddressPlan) -> Iterator[EmulatedAws]:
    with EmulatedAws(plan, preload=()) as running:
        permit_everything(running)
        yield running


def permit_everything(aws: EmulatedAws) -> None:
    """Make the role of those functions that are not there to be refused anything."""
    iam = boto3.client(
        "iam", US, endpoint_url=aws.endpoint(), aws_access_key_id=aws.account, aws_secret_access_key="any"
    )
    name, everything = ROLE.rpartition("/")[2], {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps({"Statement": [everything]}))
    iam.close()


@pytest.fixture
def client(aws: EmulatedAws) -> Iterator[Client]:
    """Give a client of a service in a region, which calls from a region or as the operator."""
    opened = []

    def give(service: Any, region: str = US, *, source: str | None = None, patience: float = PATIENCE_SECONDS) -> Any:
        made = boto3.client(
            service,
            region_name=region,
            endpoint_url=aws.endpoint(source),
            aws_access_key_id=aws.account,
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=patience, read_timeout=patience),
        )
        opened.append(made)
        return made

    yield give
    for made in opened:
        made.close()


@pytest.fixture
def function(client: Client) -> Deploy:
    """Deploy a function from its source text, and return its name."""
    numbers = itertools.count()

    def deploy(source: str, region: str = US, *, role: str = ROLE, **settings: Any) -> str:
        name = f"function-{next(numbers)}"
        client("lambda", region).create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handle",
            Role=role,
            Code={"ZipFile": zipped({"index.py": textwrap.dedent(source)})},
            **settings,
        )
        return name

    return deploy


@pytest.fixture
def deploy(client: Client) -> Any:
    """Deploy resources as a stack, or update it; return the stack as DescribeStacks tells it."""

    def deployed(
        resources: Any, region: str = US, *, outputs: Any = None, parameters: Any = None, name: str = "stack"
    ) -> Any:
        template = {
            "Parameters": parameters or {},
            "Resources": resources,
            "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()},
        }
        stacks = client("cloudformation", region, patience=20)
        there = name in [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]
        change = stacks.update_stack if there else stacks.create_stack
        change(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
        (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
        return stack

    return deployed


@pytest.fixture
def reasons(client: Client) -> Any:
    """Give what the stack's events say of its failures."""

    def told(region: str = US, name: str = "stack") -> Any:
        events = client("cloudformation", region).describe_stack_events(StackName=name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events]

    return told


def zipped(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()
