"""Experiments end by themselves, reach what is the product's own, and begin through a function that looks first."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from failover.topology import Cache, CacheTier, Topology
from stacks.chaos_stack import chaos_stacks
from stacks.constructs.boundary import bound
from stacks.layer import LayerStack
from stacks.rehearsal_stack import rehearsal_stacks
from tests.infrastructure.areas import by_region
from tests.infrastructure.templates import listed, of_type, properties, rights, statements
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.compute import ServiceSection
from topology_document.infrastructure.experiments import (
    ExperimentKind,
    ExperimentsSection,
    PracticeSection,
    RehearsalSection,
)
from topology_document.values import Weekday

PRACTICE = PracticeSection(
    experiment=ExperimentKind.DATABASE_FAILOVER, region=EU, weekday=Weekday.WEDNESDAY, at="10:05"
)
ASKED = Infrastructure(
    services={"api": ServiceSection(image="shop/api:1.0.0")},
    experiments=ExperimentsSection(minutes=7, throttled_percent=40, log_days=400, practice=[PRACTICE]),
)
PRODUCT = quickstart(caches=(Cache("hot", CacheTier.GLOBAL, US, (EU, AP)),))


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    return by_region(chaos_stacks, PRODUCT, ASKED)


def experiments(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Tags"]["Name"]: each for each in properties(template, "AWS::FIS::ExperimentTemplate")}


def test_there_is_one_of_each_kind_in_every_region(made: dict[str, Any]) -> None:
    assert set(made) == {US, EU, AP}
    for template in made.values():
        assert set(experiments(template)) == set(ExperimentKind)


def test_without_its_section_nothing_is_built() -> None:
    assert by_region(chaos_stacks, PRODUCT, Infrastructure()) == {}


def test_every_experiment_ends_when_an_incident_opens_or_another_region_is_not_well(made: dict[str, Any]) -> None:
    template = made[EU]
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    for each in experiments(template).values():
        stops = [alarms[stop["Value"]["Fn::GetAtt"][0]]["Properties"] for stop in each["StopConditions"]]
        assert {stop["Source"] for stop in each["StopConditions"]} == {"aws:cloudwatch:alarm"}
        seen = {
            dimension["Value"]
            for stop in stops
            for dimension in stop.get("Dimensions", ())
            if dimension["Name"] == "Subject"
        }
        assert seen == {US, AP}
        assert "IncidentOpenSeconds" in {stop["MetricName"] for stop in stops}
        assert all(stop["TreatMissingData"] == "breaching" for stop in stops)


def test_what_an_experiment_may_change_is_named(made: dict[str, Any]) -> None:
    changing = ("Create", "Delete", "Replace", "Stop", "Start", "Reboot", "Failover", "Interrupt", "Inject", "Modify")
    for template in made.values():
        for policy in properties(template, "AWS::IAM::Policy"):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                changes = [each for each in actions if each.split(":")[1].startswith(changing)]
                if changes and changes != ["logs:CreateLogDelivery"]:
                    assert statement["Resource"] != "*", changes


def test_the_documents_numbers_arrive(made: dict[str, Any]) -> None:
    told = experiments(made[EU])
    (cut,) = told["network-cut"]["Actions"].values()
    assert cut["Parameters"]["duration"] == "PT7M"
    (throttled,) = told["api-throttled"]["Actions"].values()
    assert throttled["Parameters"]["percentage"] == "40"
    assert [each["RetentionInDays"] for each in properties(made[EU], "AWS::Logs::LogGroup") if "KmsKeyId" in each] == [
        400
    ]


def test_a_database_is_failed_over_in_its_own_region_only(made: dict[str, Any]) -> None:
    (target,) = experiments(made[EU])["database-failover"]["Targets"].values()
    assert target["ResourceArns"] == [f"arn:aws:rds:{EU}:111122223333:db:quickstart-orders-{EU}"]


def test_a_region_is_cut_off_from_each_other_one(made: dict[str, Any]) -> None:
    actions = experiments(made[EU])["region-cut"]["Actions"].values()
    assert {each["Parameters"]["region"] for each in actions} == {US, AP}


def test_a_practice_begins_by_a_function_that_looks_first(made: dict[str, Any]) -> None:
    (schedule,) = properties(made[EU], "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "cron(5 10 ? * WED *)"
    assert "BeginPractice" in json.dumps(schedule["Target"]["Arn"])
    assert "scheduled-time" in json.dumps(schedule["Target"]["Input"])
    may = rights(made[EU], "BeginPractice")
    assert "fis:StartExperiment" in may
    assert "*" not in may["fis:StartExperiment"]
    assert not properties(made[US], "AWS::Scheduler::Schedule")


def _bounded(scope: Any, topology: Topology, asked: Infrastructure) -> list[LayerStack]:
    stacks = list(chaos_stacks(scope, topology, asked))
    for stack in stacks:
        bound(stack, topology)
    return stacks


def test_an_accounts_first_practice_may_have_fis_make_its_role(made: dict[str, Any]) -> None:
    own = "arn:aws:iam::111122223333:role/aws-service-role/fis.amazonaws.com/AWSServiceRoleForFIS"
    (made_with,) = [each for _, each in statements(made[EU]) if each["Action"] == "iam:CreateServiceLinkedRole"]
    assert rights(made[EU], "BeginPractice")["iam:CreateServiceLinkedRole"] == [made_with["Resource"]] == [own]
    assert made_with["Condition"] == {"StringEquals": {"iam:AWSServiceName": "fis.amazonaws.com"}}
    (boundary,) = properties(by_region(_bounded, PRODUCT, ASKED)[EU], "AWS::IAM::ManagedPolicy")
    for each in boundary["PolicyDocument"]["Statement"]:
        named = each["Action"] if "Action" in each else each["NotAction"]
        meant = any(fnmatchcase("iam:CreateServiceLinkedRole", action) for action in listed(named))
        assert each["Effect"] == "Allow" or meant == ("NotAction" in each), each["Sid"]


def test_a_rehearsal_asks_the_failover_machine_for_its_plan_and_may_do_nothing_else() -> None:
    due = RehearsalSection(subject=US, executed_in=AP, weekday=Weekday.MONDAY, at="09:00")
    asked = Infrastructure(experiments=ExperimentsSection(rehearsals=[due]))
    made = by_region(rehearsal_stacks, PRODUCT, asked)
    assert set(made) == {AP}
    (schedule,) = properties(made[AP], "AWS::Scheduler::Schedule")
    assert json.loads(schedule["Target"]["Input"]) == {
        "subject": US,
        "reason": "the weekly rehearsal",
        "dry_run": True,
    }
    assert schedule["Target"]["Arn"].endswith("stateMachine:lifeboat-quickstart-failover")
    started = {
        action: statement["Resource"]
        for policy in properties(made[AP], "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
    }
    assert {action for action in started if not action.startswith(("kms:", "sqs:"))} == {"states:StartExecution"}
    assert started["states:StartExecution"] == schedule["Target"]["Arn"]
