"""Promises on deploying over a changed world: templates know no role, and somebody watches every stack."""

import ast
import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from failover.procedures.deploy_guard import KEPT
from failover.topology import Names, Topology
from stacks.constructs.function_bundle import FunctionBundle
from stacks.regional_stack import RegionalStack
from tests.infrastructure.assembly import ROOT, Assembly, begin_synthesis, end_synthesis
from tests.infrastructure.templates import Template, functions, of_type, properties, rights

DATA = {name for name in KEPT if name.startswith(("AWS::RDS::", "AWS::S3::", "AWS::DynamoDB::", "AWS::ElastiCache::"))}
ROLES: tuple[dict[str, str], ...] = (
    {},
    {"LIFEBOAT_WRITER": "eu-west-1", "LIFEBOAT_ROLE": "primary", "AWS_REGION": "ap-southeast-1"},
    # Whoever asked would ask here: nobody answers, and a synthesis that asks fails or hangs.
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"},
)

SYNTHESISING = [
    path
    for path in sorted((ROOT / "stacks").rglob("*.py"))
    if not path.name.endswith("_handler.py") and path.parent.name != "host"
]
"""A handler is a function's code and runs when its stack is deployed; what is in ``host`` runs on a server's host."""


def data_tier(template: Template) -> dict[str, Any]:
    return {name: each for name, each in template["Resources"].items() if each["Type"] in DATA}


def regional(topology: Topology, region: str) -> Template:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = cdk.App(analytics_reporting=False, context=context)
    stack = RegionalStack(app, topology, region, FunctionBundle.build(topology))
    told: Template = app.synth().get_stack_by_name(stack.stack_name).template
    return told


def test_every_state_of_the_world_gives_the_same_data_tier(assembly: Assembly, tmp_path: Path) -> None:
    """Writer, incident and phases are in the store alone: whatever surrounds a synthesis, it makes the same."""
    running = []
    for number, surroundings in enumerate(ROLES):
        into = tmp_path / str(number)
        into.mkdir()
        running.append((into, begin_synthesis(into, **surroundings)))
    made = []
    for into, process in running:
        code, said = end_synthesis(process)
        assert code == 0, said
        made.append({file.name: data_tier(json.loads(file.read_text())) for file in into.glob("*.template.json")})
    assert made[0] == {name: data_tier(each) for name, each in assembly.templates.items()}
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("module", SYNTHESISING, ids=lambda path: path.name)
def test_no_stack_can_read_who_writes(module: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
        if isinstance(node, ast.Import):
            imported |= {each.name for each in node.names}
    reading = (
        "failover.adapters",
        "failover.records",
        "failover.ports",
        "boto3",
        "botocore",
        "urllib",
        "http",
        "socket",
    )
    assert not [name for name in imported if name.startswith(reading)]


@pytest.mark.parametrize("born_in", ["us-east-1", "eu-west-1", "ap-southeast-1"])
def test_where_a_database_was_born_alone_decides_what_it_follows(topology: Topology, born_in: str) -> None:
    (orders,) = topology.databases
    others = tuple(region for region in topology.region_names if region != born_in)
    moved = replace(topology, databases=(replace(orders, born_primary=born_in, replicas=others),))
    for region in topology.region_names:
        (database,) = properties(regional(moved, region), "AWS::RDS::DBInstance")
        source = database.get("SourceDBInstanceIdentifier")
        assert source == (None if region == born_in else Names(moved).db_instance_arn("orders", born_in))
        assert database["DBInstanceIdentifier"] == Names(moved).db_instance("orders", region)


def test_the_role_of_a_region_is_in_no_database(topology: Topology) -> None:
    roles = [region.role for region in topology.regions]
    turned = replace(
        topology,
        regions=tuple(replace(each, role=role) for each, role in zip(topology.regions, reversed(roles), strict=True)),
    )
    for region in topology.region_names:
        assert data_tier(regional(topology, region)) == data_tier(regional(turned, region))


def test_whatever_is_kept_has_a_name_of_its_own_and_outlives_its_template(assembly: Assembly) -> None:
    """A logical id that changes would be a removal and an addition; the name keeps both from passing unseen."""
    for file, template in assembly.templates.items():
        for name, each in data_tier(template).items():
            told = KEPT[each["Type"]]
            if told.if_it_has and told.if_it_has not in each["Properties"]:
                continue
            local = each["Type"] == "AWS::DynamoDB::GlobalTable" and "-local" in str(each["Properties"]["TableName"])
            assert isinstance(each["Properties"][told.named_by], str), f"{file}: {name}"
            if not local:
                policies = (each["DeletionPolicy"], each["UpdateReplacePolicy"])
                assert policies == ("RetainExceptOnCreate", "Retain"), f"{file}: {name}"


def test_a_first_deployment_that_fails_leaves_nothing_under_a_name_that_the_next_one_needs(assembly: Assembly) -> None:
    """``Retain`` holds in the rollback of a creation too."""
    policies = {
        (each["Type"], each.get("DeletionPolicy"))
        for template in assembly.templates.values()
        for each in template["Resources"].values()
    }
    assert [kind for kind, policy in policies if policy == "Retain"] == []


def test_every_stack_is_watched_over_by_the_hook_of_its_region_but_the_guards(assembly: Assembly) -> None:
    watched: dict[str, set[str]] = {}
    for file, template in assembly.templates.items():
        for hook in properties(template, "AWS::CloudFormation::LambdaHook"):
            region = file.removesuffix(".template.json").partition("-deploy-guard-")[2]
            watched[region] = set(hook["StackFilters"]["StackNames"]["Include"])
    manifest = json.loads((assembly.path / "manifest.json").read_text())
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        region = artifact["environment"].rpartition("/")[2]
        assert (name in watched[region]) is ("-guard-" not in name), name


def test_the_hook_refuses_when_it_cannot_answer(assembly: Assembly, topology: Topology) -> None:
    for region in topology.region_names:
        (hook,) = properties(assembly.template("deploy-guard", region), "AWS::CloudFormation::LambdaHook")
        assert (hook["FailureMode"], hook["HookStatus"]) == ("FAIL", "ENABLED")
        assert set(hook["TargetOperations"]) == {"STACK", "CHANGE_SET"}


def test_the_guard_reads_and_writes_the_store_and_nothing_else(assembly: Assembly, names: Names) -> None:
    template = assembly.template("deploy-guard", "eu-west-1")
    held = rights(template, "GuardDeployment")
    assert {action.partition(":")[0] for action in held} <= {"dynamodb", "logs", "sqs", "xray"}
    tables = {names.quorum_table_arn(region) for region in names.topology.quorum.replicas}
    assert {arn for action, arns in held.items() if action.startswith("dynamodb:") for arn in arns} == tables
    # CloudFormation waits 30 s for it.
    assert functions(template)["GuardDeployment"]["Timeout"] < 30


def test_the_hook_can_ask_before_it_is_active(assembly: Assembly) -> None:
    template = assembly.template("deploy-guard", "eu-west-1")
    (hook,) = of_type(template, "AWS::CloudFormation::LambdaHook").values()
    assert set(of_type(template, "AWS::IAM::Policy")) & set(hook["DependsOn"])
    trusted = [json.dumps(each["AssumeRolePolicyDocument"]) for each in properties(template, "AWS::IAM::Role")]
    assert any("hooks.cloudformation.amazonaws.com" in each and "aws:SourceAccount" in each for each in trusted)


def test_guards_come_last(assembly: Assembly) -> None:
    manifest = json.loads((assembly.path / "manifest.json").read_text())["artifacts"]
    stacks = {name for name, each in manifest.items() if each["type"] == "aws:cloudformation:stack"}
    others = {name for name in stacks if "-guard-" not in name}
    for name in stacks - others:
        assert others <= set(manifest[name]["dependencies"])


def test_a_change_of_anything_in_the_data_tier_is_seen(assembly: Assembly) -> None:
    """The comparison above is one that can fail."""
    template = assembly.template("regional", "eu-west-1")
    other = copy.deepcopy(template)
    next(iter(of_type(other, "AWS::RDS::DBInstance").values()))["Properties"].pop("SourceDBInstanceIdentifier")
    assert data_tier(other) != data_tier(template)
