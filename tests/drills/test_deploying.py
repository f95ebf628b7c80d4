"""Deploying over a world that a failover has changed: nothing of the data is touched, and what would is refused."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from failover.procedures.deploy_guard import override
from failover.topology import Names
from rehearsal.form import faults as form
from tests.products import AP, EU, US
from topology_document import load
from twin.faults import Faults
from twin.twin import Twin

ROOT = Path(__file__).parents[2]
LIFEBOAT = Path(sys.executable).parent / "lifeboat"
QUICKSTART = ROOT / "topologies" / "quickstart.yaml"
OPENING_SECONDS, CLOSING_SECONDS, COMMAND_SECONDS = 90.0, 120.0, 240.0

pytestmark = [
    pytest.mark.twin,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    # Servers that a lost region takes with it are killed and not closed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Change = Callable[[dict[str, Any]], None]


class Changed:
    """A twin whose first writer's region was lost and came back, and what was tried in the meantime."""

    def __init__(self, twin: Twin) -> None:
        self.twin, self.names = twin, Names(twin.topology)
        self.ports = twin.operator
        self.in_the_incident: subprocess.CompletedProcess[str] | None = None
        self.by_hand_in_the_incident = ""

    @property
    def assembly(self) -> Path:
        return self.twin.folder / "cdk.out"

    @property
    def writer(self) -> str:
        return self.ports.store.database("orders").writer

    def stack(self, region: str) -> str:
        return self.names.stack("regional", region)

    def fail_over(self) -> None:
        faults = Faults(self.twin)
        lost = form.RegionDown(region=US)
        # Long enough an incident to deploy into.
        for region in (EU, AP):
            self.twin.rds.faults.refuse(region, self.names.db_instance("orders", region), times=4)
        faults.apply(lost)
        until(lambda: self.ports.store.control().incident is not None, OPENING_SECONDS)
        self.by_hand_in_the_incident = self.update_by_hand(self.names.stack("control", AP), _described)
        self.in_the_incident = self.command("deploy", "--app", str(self.assembly), self.names.stack("control", AP))
        until(lambda: self.ports.store.control().closed is not None, CLOSING_SECONDS)
        faults.heal(lost)
        faults.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(LIFEBOAT), *arguments],
            cwd=ROOT,
            env={**os.environ, **self.twin.environment(), "COLUMNS": "250"},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def update_by_hand(self, stack: str, change: Change) -> str:
        """Do as somebody does who knows CloudFormation and not Lifeboat; return the stack's last word."""
        cloudformation = boto3.client("cloudformation", region_name=region_of(stack))
        template = cloudformation.get_template(StackName=stack)["TemplateBody"]
        template = json.loads(template) if isinstance(template, str) else dict(template)
        change(template)
        (bucket,) = [
            each["Name"]
            for each in boto3.client("s3").list_buckets()["Buckets"]
            if each["Name"].startswith("cdk-") and each["Name"].endswith(region_of(stack))
        ]
        boto3.client("s3", region_name=region_of(stack)).put_object(
            Bucket=bucket, Key="by-hand.json", Body=json.dumps(template).encode()
        )
        url = f"{self.twin.environment()['AWS_ENDPOINT_URL']}/{bucket}/by-hand.json"
        told = cloudformation.update_stack(StackName=stack, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"])
        (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        assert described["StackStatus"] in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
        results = cloudformation.list_hook_results(TargetType="STACK", TargetId=told["StackId"])["HookResults"]
        return f"{described['StackStatus']}: {results[0]['HookStatusReason']}"

    def tampered(self, stack: str, change: Change, folder: Path) -> Path:
        """A copy of the assembly in which one template is another."""
        into = folder / "cdk.out"
        subprocess.run(["cp", "-r", str(self.assembly), str(into)], check=True)
        file = into / f"{stack}.template.json"
        old = hashlib.sha256(file.read_bytes()).hexdigest()
        template = json.loads(file.read_text())
        change(template)
        file.write_text(json.dumps(template, indent=1))
        new = hashlib.sha256(file.read_bytes()).hexdigest()
        for name in ("manifest.json", f"{stack}.assets.json"):
            told = (into / name).read_text()
            assert old in told
            (into / name).write_text(told.replace(old, new))
        return into

    def instance(self, region: str) -> dict[str, Any]:
        rds = boto3.client("rds", region_name=region)
        identifier = self.names.db_instance("orders", region)
        (told,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        return dict(told)


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)


def region_of(stack: str) -> str:
    return next(region for region in (US, EU, AP, "us-west-2") if stack.endswith(f"-{region}"))


def _described(template: dict[str, Any]) -> None:
    template["Description"] = "changed"
    role = next(each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function")
    role["Properties"]["Description"] = "changed"


def _database(template: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((name, found),) = [
        (name, each) for name, each in template["Resources"].items() if each["Type"] == "AWS::RDS::DBInstance"
    ]
    return name, found["Properties"]


def _sourceless(template: dict[str, Any]) -> None:
    del _database(template)[1]["SourceDBInstanceIdentifier"]


def _renamed(template: dict[str, Any]) -> None:
    _database(template)[1]["DBInstanceIdentifier"] = "another"


def _without(template: dict[str, Any]) -> None:
    name, properties = _database(template)
    del template["Resources"][name]
    address = {"Fn::GetAtt": [name, "Endpoint.Address"]}
    text = json.dumps(template).replace(json.dumps(address), json.dumps("gone.example"))
    template.clear()
    template.update(json.loads(text))
    assert properties


@pytest.fixture(scope="module")
def changed() -> Iterator[Changed]:
    with Twin(load(QUICKSTART)) as twin:
        world = Changed(twin)
        world.fail_over()
        yield world


def test_during_the_incident_nothing_could_be_deployed(changed: Changed) -> None:
    told = changed.in_the_incident
    assert told is not None
    assert told.returncode == 1
    assert f"({US}, " in told.stderr
    assert "is open since" in told.stderr
    assert changed.by_hand_in_the_incident.startswith("UPDATE_ROLLBACK_COMPLETE")
    assert "is open since" in changed.by_hand_in_the_incident
    assert any(entry.kind == "DEPLOYMENT_REFUSED" for entry in changed.ports.store.journal())


def test_deployed_again_nothing_of_the_data_is_in_the_change_sets(changed: Changed, tmp_path: Path) -> None:
    assert changed.writer != US
    document = tmp_path / "quickstart.yaml"
    text = QUICKSTART.read_text("utf-8")
    assert "cool_down_seconds: 3600" in text
    document.write_text(text.replace("cool_down_seconds: 3600", "cool_down_seconds: 3601"), encoding="utf-8")
    checked = changed.command("deploy", "--check", "--json", "--topology", str(document))
    assert checked.returncode == 10, checked.stderr
    rows = [json.loads(line) for line in checked.stdout.splitlines()]
    assert {row["stack"] for row in rows} >= {changed.stack(region) for region in (US, EU, AP)}
    assert [row for row in rows if row["data"]] == []

    deployed = changed.command("deploy", "--topology", str(document))
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    done = [line.removesuffix(": done") for line in deployed.stderr.splitlines() if line.endswith(": done")]
    regional = [name for name in done if "-regional-" in name]
    assert regional[-1] == changed.stack(changed.writer), "the region that writes now comes last"
    again = changed.command("deploy", "--check", "--topology", str(document))
    assert again.returncode == 0, again.stdout + again.stderr
    kinds = [entry.kind for entry in changed.ports.store.journal()]
    assert kinds.count("DEPLOYING") == kinds.count("DEPLOYED") == len(done)


def test_the_instances_are_what_the_store_says(changed: Changed) -> None:
    record = changed.ports.store.database("orders")
    assert not changed.instance(record.writer).get("ReadReplicaSourceDBInstanceIdentifier")
    states = {region: changed.ports.agent.describe("orders", region) for region in (US, EU, AP)}
    assert [region for region, state in states.items() if state.gate_open] == [record.writer]
    assert not states[record.writer].in_recovery
    template = boto3.client("cloudformation", region_name=record.writer).get_template(
        StackName=changed.stack(record.writer)
    )["TemplateBody"]
    # Born a replica it stays one in its template, for ever.
    assert "SourceDBInstanceIdentifier" in _database(template)[1]


@pytest.mark.parametrize("change", [_sourceless, _renamed, _without], ids=["source", "replaced", "removed"])
def test_what_would_turn_or_take_a_database_is_refused_twice(changed: Changed, change: Change, tmp_path: Path) -> None:
    writer = changed.writer
    stack, before = changed.stack(writer), changed.instance(writer)
    assembly = changed.tampered(stack, change, tmp_path)
    told = changed.command("deploy", stack, "--app", str(assembly))
    assert told.returncode == 1
    assert "the database quickstart-orders-" in told.stderr
    assert "lifeboat override" in told.stderr
    by_hand = changed.update_by_hand(stack, change)
    assert by_hand.startswith("UPDATE_ROLLBACK_COMPLETE: Hook failed with message:")
    assert "the database quickstart-orders-" in by_hand
    after = changed.instance(writer)
    assert (after["DbiResourceId"], after["DBInstanceStatus"]) == (before["DbiResourceId"], "available")


def test_a_protected_stack_is_not_deleted_and_neither_is_any_other(changed: Changed) -> None:
    stack = changed.stack(changed.writer)
    cloudformation = boto3.client("cloudformation", region_name=changed.writer)
    with pytest.raises(cloudformation.exceptions.ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName=stack)
    relay = changed.names.stack("advisory", "us-west-2")
    elsewhere = boto3.client("cloudformation", region_name="us-west-2")
    elsewhere.delete_stack(StackName=relay)
    (told,) = elsewhere.describe_stacks(StackName=relay)["Stacks"]
    assert told["StackStatus"] == "DELETE_FAILED"


def test_an_override_is_for_one_resource_and_told(changed: Changed, tmp_path: Path) -> None:
    """Executed it is not: what CloudFormation would do to the writer is known."""
    stack = changed.stack(changed.writer)
    name, _ = _database(json.loads((changed.assembly / f"{stack}.template.json").read_text()))
    told = changed.command("override", f"{stack}/{name}", "--reason", "rehearsed", "--for", "5m")
    assert told.returncode == 0, told.stderr
    assembly = changed.tampered(stack, _sourceless, tmp_path)
    checked = changed.command("deploy", stack, "--check", "--app", str(assembly))
    assert checked.returncode == 10, checked.stderr
    assert "rehearsed" in checked.stderr
    override(changed.ports, changed.twin.topology, f"{stack}/{name}", "nobody", "over", lasts=timedelta(milliseconds=1))
    assert changed.command("deploy", stack, "--check", "--app", str(assembly)).returncode == 1
