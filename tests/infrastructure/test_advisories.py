"""AWS Health's word reaches each control region, is kept there, and starts nothing."""

from typing import Any

import pytest

from failover.topology import Names, Topology
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, listed, of_type, properties, rights

HERE = "eu-west-1"
RELAY = "us-west-2"


@pytest.fixture(scope="module")
def relay(assembly: Assembly) -> Template:
    return assembly.template("advisory", RELAY)


def test_the_relay_hands_trouble_of_any_region_to_every_control_region(relay: Template, topology: Topology) -> None:
    rules = properties(relay, "AWS::Events::Rule")
    reached = {target["Arn"] for rule in rules for target in rule["Targets"]}
    bus = "arn:aws:events:{}:" + topology.account + ":event-bus/default"
    assert reached == {bus.format(region) for region in topology.control_regions}
    for rule in rules:
        assert set(rule["EventPattern"]["detail"]["eventRegion"]) == set(topology.region_names)
        assert rule["EventPattern"]["detail"]["eventTypeCategory"] == ["issue", "investigation"]


def test_the_relay_may_write_on_those_buses_and_nothing_else(relay: Template) -> None:
    statements = [
        statement
        for policy in properties(relay, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    assert {statement["Action"] for statement in statements} == {"events:PutEvents"}
    targets = {target["Arn"] for rule in properties(relay, "AWS::Events::Rule") for target in rule["Targets"]}
    assert {bus for statement in statements for bus in listed(statement["Resource"])} == targets


def test_whatever_the_relay_sends_a_control_region_takes(assembly: Assembly, relay: Template) -> None:
    sent = properties(relay, "AWS::Events::Rule")[0]["EventPattern"]
    for region in assembly.names.topology.control_regions:
        taken = [rule["EventPattern"] for rule in health_rules(assembly.template("control", region))]
        assert taken == [sent]


def test_it_is_kept_and_wakes_nobody(assembly: Assembly) -> None:
    template = assembly.template("control", HERE)
    (rule,) = health_rules(template)
    (target,) = rule["Targets"]
    function = template["Resources"][target["Arn"]["Fn::GetAtt"][0]]
    assert function["Properties"]["Handler"] == "note_advisory.handler.handle"


def test_who_keeps_it_may_write_the_store_and_start_nothing(assembly: Assembly, names: Names) -> None:
    may = rights(assembly.template("control", HERE), "NoteAdvisory")
    services = {action.split(":")[0] for action in may}
    assert services <= {"dynamodb", "logs", "xray", "sqs", "kms"}
    assert set(may["dynamodb:PutItem"]) == {names.quorum_table_arn(each) for each in names.topology.quorum.replicas}


def health_rules(template: Template) -> list[dict[str, Any]]:
    rules = [each["Properties"] for each in of_type(template, "AWS::Events::Rule").values()]
    return [rule for rule in rules if rule.get("EventPattern", {}).get("source") == ["aws.health"]]
