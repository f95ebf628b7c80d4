"""Who promises, who honours it, who may ask, and who is told."""

import pytest

from failover.topology import Names, Topology
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, functions_allowed, of_type, properties, rights

HERE = "eu-west-1"


@pytest.fixture(scope="module")
def template(assembly: Assembly) -> Template:
    return assembly.template("control", HERE)


def local_arn(template: Template, names: Names) -> dict[str, list[str]]:
    (key,) = [
        key
        for key, each in of_type(template, "AWS::DynamoDB::GlobalTable").items()
        if each["Properties"]["TableName"] == names.local_table
    ]
    return {"Fn::GetAtt": [key, "Arn"]}


def test_a_guard_may_ask_every_control_region_and_nothing_else(
    assembly: Assembly, names: Names, topology: Topology
) -> None:
    for region in topology.region_names:
        asked = rights(assembly.template("regional", region), "GuardLease")["lambda:InvokeFunction"]
        assert set(asked) == {names.function_arn("give_promise", each) for each in topology.control_regions}


def test_whoever_promises_or_takes_away_does_it_on_one_table_of_this_region(template: Template, names: Names) -> None:
    local = local_arn(template, names)
    writing = {name for name in functions_allowed(template, "dynamodb:PutItem") if local in _writes(template, name)}
    assert writing == {"GivePromise", "RevokeLease", "RegrantLease", "AnswerLever"}
    assert local in rights(template, "ChooseTarget")["dynamodb:GetItem"]


def test_promising_changes_nothing_in_the_quorum_store(template: Template, names: Names) -> None:
    assert _writes(template, "GivePromise") == [local_arn(template, names)]
    assert set(rights(template, "GivePromise")["dynamodb:Query"]) == {
        names.quorum_table_arn(region) for region in names.topology.quorum.replicas
    }


def test_people_are_told_when_a_guard_needs_promises_and_when_it_gets_none(assembly: Assembly) -> None:
    alarms = {
        each["MetricName"]: each for each in properties(assembly.template("regional", HERE), "AWS::CloudWatch::Alarm")
    }
    for metric in ("FailsafeExtended", "FailsafeRefused"):
        assert alarms[metric]["AlarmActions"]
        assert (alarms[metric]["Threshold"], alarms[metric]["Namespace"]) == (1, "Lifeboat")
        assert {each["Name"] for each in alarms[metric]["Dimensions"]} == {"Topology", "Region"}


def test_people_are_told_of_a_writer_whose_own_copy_refuses_it_for_minutes(assembly: Assembly) -> None:
    (alarm,) = [
        each
        for each in properties(assembly.template("regional", HERE), "AWS::CloudWatch::Alarm")
        if each["MetricName"] == "LeaseRefused"
    ]
    assert alarm["AlarmActions"]
    assert (alarm["Statistic"], alarm["Period"], alarm["Threshold"]) == ("Sum", 60, 1)
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (2, 2)
    assert alarm["TreatMissingData"] == "notBreaching"
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]}["Region"] == HERE


def _writes(template: Template, function: str) -> list[object]:
    return rights(template, function)["dynamodb:PutItem"]
