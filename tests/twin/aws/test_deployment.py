from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.twin.aws.conftest import Client
from tests.twin.aws.test_functions import eventually
from twin.aws import EmulatedAws
from twin.network import AddressPlan, claim_ports

US, EU = "us-east-1", "eu-west-1"
REGIONS = (US, EU, "ap-southeast-1", "eu-central-1", "eu-west-2", "eu-west-3")
ROOT = Path(__file__).resolve().parents[3]
CDK = ROOT / "node_modules" / ".bin" / "cdk"
SMALL_APP = Path(__file__).with_name("small_app.py")

pytestmark = pytest.mark.twin


@pytest.fixture
def plan() -> Iterator[Any]:
    plan = AddressPlan(REGIONS, ())
    with claim_ports(lambda ports: plan.with_ports(ports).listeners()) as claim:
        yield plan.with_ports(claim.ports)


@pytest.fixture
def aws(plan: AddressPlan) -> Iterator[Any]:
    with EmulatedAws(plan, preload=(), first_firing_seconds=0.5) as running:
        yield running


def cdk(aws: EmulatedAws, folder: Any, *arguments: Any) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "CI": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}
    told = subprocess.run(
        [CDK, *arguments],
        cwd=folder,
        env=environment | aws.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]


def test_the_real_command_bootstraps_and_deploys(aws: EmulatedAws, client: Client, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "index.py").write_text("def handle(event, context):\n    print('ran')\n    return event\n")
    cdk(aws, tmp_path, "bootstrap", *(f"aws://{aws.account}/{region}" for region in REGIONS))
    app = f"{sys.executable} {SMALL_APP} {code}"
    cdk(
        aws, tmp_path, "deploy", "--all", "--app", app, "--require-approval=never", "--concurrency=4", "--method=direct"
    )

    for region in (US, EU):
        answer = client("lambda", region, patience=9).invoke(FunctionName="echo", Payload=b'"asset"')
        assert json.loads(answer["Payload"].read()) == "asset"
        assert eventually(lambda region=region: aws.functions.log(region, "echo"))
        machines = client("stepfunctions", region)
        arn = f"arn:aws:states:{region}:{aws.account}:stateMachine:machine"
        # Started by the rule, which fires soon after its creation.
        assert eventually(
            lambda machines=machines, arn=arn: machines.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")[
                "executions"
            ]
        )
    item = {"id": {"S": "control"}}
    client("dynamodb", "eu-west-3").put_item(TableName="quorum", Item=item)
    found = client("dynamodb", "eu-west-2").get_item(TableName="quorum", Key=item, ConsistentRead=True)
    assert found["Item"] == item
    (zone,) = client("route53").list_hosted_zones()["HostedZones"]
    records = client("route53").list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    assert {record["SetIdentifier"] for record in records if record["Name"] == "app.example.org."} == {US, EU}
    assert "AWS::EC2::NatGateway" in aws.recorded_only_types()
