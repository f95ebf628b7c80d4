"""Promises on the control plane: who may do what, what wakes it, and what tells that it is dead."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from failover.procedures.requests import Machine
from failover.topology import LONGEST_WAIT_SECONDS, Names, Topology, budgets
from stacks.constructs.asl_workflow import AslWorkflow
from stacks.constructs.lever_checks import CHECKERS_A_REGION, INTERVAL_SECONDS, LEAST_CHECKER_REGIONS
from stacks.constructs.step_function import folder_of
from stacks.errors import CompositionError
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import (
    Template,
    functions,
    functions_allowed,
    listed,
    of_type,
    properties,
    rights,
    statements,
)

HERE = "eu-west-1"
MACHINES: Final = Path(__file__).parents[2] / "state_machines"

WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "cloudwatch:PutMetricData",
    "logs:CreateLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:PutResourcePolicy",
}
"""Actions for which IAM knows no resource (Service Authorization Reference); each is bounded otherwise."""

READING = ("Get", "List", "Describe")


@pytest.fixture(scope="module")
def template(assembly: Assembly) -> Template:
    return assembly.template("control", HERE)


def test_only_promote_database_may_promote(assembly: Assembly) -> None:
    allowed = {
        function
        for template in assembly.templates.values()
        for function in functions_allowed(template, "rds:PromoteReadReplica")
    }
    assert allowed == {"PromoteDatabase"}


def test_a_promotion_is_of_a_copy_of_the_topology(template: Template, names: Names) -> None:
    copies = {
        names.db_instance_arn(database.name, region)
        for database in names.topology.databases
        for region in database.regions
    }
    assert set(rights(template, "PromoteDatabase")["rds:PromoteReadReplica"]) == copies


@pytest.mark.parametrize(
    "action",
    [
        "route53:ChangeResourceRecordSets",
        "route53:UpdateHealthCheck",
        "route53:CreateHealthCheck",
        "globalaccelerator:UpdateEndpointGroup",
        "iam:PutRolePolicy",
        "cloudformation:UpdateStack",
        "rds:DeleteDBInstance",
        "dynamodb:DeleteTable",
    ],
)
def test_no_function_may(assembly: Assembly, action: str) -> None:
    for name, template in assembly.templates.items():
        assert functions_allowed(template, action) == set(), name


def test_nobody_may_change_whatever_there_is(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        for role, statement in statements(template):
            if "*" in listed(statement["Resource"]):
                changing = {
                    action for action in listed(statement["Action"]) if not action.split(":")[1].startswith(READING)
                }
                assert changing <= WITHOUT_RESOURCES, f"{name}: {role}"


def test_no_right_is_a_pattern(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        for role, statement in statements(template):
            wide = [action for action in listed(statement["Action"]) if action in ("*", action.split(":")[0] + ":*")]
            assert not wide, f"{name}: {role}"


def test_metrics_go_into_one_namespace(assembly: Assembly) -> None:
    found = [
        statement
        for template in assembly.templates.values()
        for _, statement in statements(template)
        if "cloudwatch:PutMetricData" in listed(statement["Action"])
    ]
    assert found
    assert all(each["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Lifeboat"}} for each in found)


def test_the_lever_reads_the_store_and_writes_its_own_copy(template: Template, names: Names) -> None:
    writes = rights(template, "AnswerLever")["dynamodb:PutItem"]
    assert not [arn for arn in writes if names.quorum_table in str(arn)]
    assert set(rights(template, "AnswerLever")["dynamodb:Query"]) == {
        names.quorum_table_arn(region) for region in names.topology.quorum.replicas
    }


def test_who_rejoins_a_copy_and_who_asks_again_may_rename_an_instance_and_make_a_replica(template: Template) -> None:
    for action in ("rds:ModifyDBInstance", "rds:CreateDBInstanceReadReplica"):
        assert functions_allowed(template, action) == {"RejoinDatabase", "AwaitReplica"}


def test_only_who_ends_an_incident_and_who_notes_aws_healths_word_take_words_back(template: Template) -> None:
    assert functions_allowed(template, "dynamodb:DeleteItem") == {"CloseIncident", "ClearEvacuation", "NoteAdvisory"}


def test_each_step_that_asks_a_database_may(template: Template) -> None:
    assert functions_allowed(template, "lambda:InvokeFunction") >= {"AwaitReplica", "ReturnTraffic", "AdmitWriter"}


def test_only_prepare_capacity_may_change_node_groups_and_nobody_the_buckets_rules(template: Template) -> None:
    assert functions_allowed(template, "eks:UpdateNodegroupConfig") == {"PrepareCapacity"}
    assert functions_allowed(template, "s3:GetReplicationConfiguration") == {"CheckReplication"}
    assert functions_allowed(template, "s3:PutReplicationConfiguration") == set()


def test_only_deciding_starts_the_machines(template: Template, names: Names) -> None:
    assert functions_allowed(template, "states:StartExecution") == {"DecideFailover"}
    machines = [names.machine_arn(machine, HERE) for machine in Machine]
    assert sorted(rights(template, "DecideFailover")["states:StartExecution"]) == sorted(machines)


def test_those_who_page_may_page(template: Template) -> None:
    assert functions_allowed(template, "sns:Publish") == {
        "DecideFailover",
        "CheckReplication",
        "TellTrouble",
        "AnnounceOutcome",
        "HoldForOperator",
    }


def test_alarms_may_publish_on_the_topics_that_they_name(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        topics = of_type(template, "AWS::SNS::Topic")
        open_to_alarms = {
            topic["Ref"]
            for policy in properties(template, "AWS::SNS::TopicPolicy")
            for topic in policy["Topics"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement.get("Principal") == {"Service": "cloudwatch.amazonaws.com"}
        }
        assert open_to_alarms == set(topics), name


def test_every_function_is_bounded_traced_and_leaves_its_failures(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        queues = of_type(template, "AWS::SQS::Queue")
        for function, told in functions(template).items():
            where = f"{name}: {function}"
            assert 0 < told["Timeout"] <= 900, where
            assert told["TracingConfig"] == {"Mode": "Active"}, where
            assert told["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0] in queues, where
            log = of_type(template, "AWS::Logs::LogGroup")[told["LoggingConfig"]["LogGroup"]["Ref"]]
            assert log["Properties"]["RetentionInDays"], where
            assert told["Architectures"] == ["arm64"], where


def test_every_step_is_the_function_of_its_folder(template: Template, names: Names) -> None:
    for function, told in functions(template).items():
        folder = folder_of(function)
        assert told["Handler"] == f"{folder}.handler.handle"
        assert told["FunctionName"] == names.function(folder)
        assert told["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == folder


def test_a_step_outlives_the_longest_lease_that_a_source_may_hold(template: Template) -> None:
    """The source's guard may have one of an earlier deployment; 600 and 60 s are the most that a document may say."""
    assert functions(template)["AwaitLease"]["Timeout"] > 600 + 60


def test_a_step_lives_no_longer_than_its_state_waits_for_it(template: Template, topology: Topology) -> None:
    """Else the first of two tries goes on beside the second."""
    given = {"$.waiting.limit_seconds": LONGEST_WAIT_SECONDS}
    given |= {f"$.budget.{name}": seconds for name, seconds in budgets(topology).items()}
    lives = {name: told["Timeout"] for name, told in functions(template).items()}
    for step, limit in _limits():
        seconds = given.get(limit, limit)
        assert lives[step] <= seconds, step
        assert lives[step] >= seconds - 5, step


def _limits() -> Iterator[tuple[str, Any]]:
    """Yield each function of a machine with its state's limit, in seconds or as a path."""
    for file in MACHINES.glob("*.asl.json"):
        waiting = [json.loads(file.read_text("utf-8"))]
        while waiting:
            states = waiting.pop().get("States", {}).values()
            for state in states:
                if state["Type"] == "Task":
                    function = state["Parameters"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
                    yield function, state.get("TimeoutSecondsPath") or state["TimeoutSeconds"]
                waiting += [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]


def test_the_prober_overlaps_itself(template: Template) -> None:
    assert functions(template)["ProbeRegions"]["Timeout"] > 60
    assert functions(template)["ProbeRegions"]["ReservedConcurrentExecutions"] >= 2


def _rules(template: Template, function: str) -> list[dict[str, Any]]:
    key = next(
        key
        for key, each in of_type(template, "AWS::Lambda::Function").items()
        if each["Metadata"]["aws:cdk:path"].endswith(f"/{function}/Resource")
    )
    return [
        rule
        for rule in properties(template, "AWS::Events::Rule")
        if any(target["Arn"] == {"Fn::GetAtt": [key, "Arn"]} for target in rule["Targets"])
    ]


def test_deciding_is_woken_by_events_and_by_the_clock(template: Template) -> None:
    rules = _rules(template, "DecideFailover")
    patterns = [rule["EventPattern"] for rule in rules if "EventPattern" in rule]
    assert {source for pattern in patterns for source in pattern["source"]} == {"lifeboat", "aws.cloudwatch", "aws.rds"}
    ticks = [rule for rule in rules if "ScheduleExpression" in rule]
    assert [tick["ScheduleExpression"] for tick in ticks] == ["rate(1 minute)"]
    assert json.loads(ticks[0]["Targets"][0]["Input"]) == {"source": "lifeboat.tick"}


def test_an_alarm_of_ours_wakes_and_another_does_not(template: Template, names: Names) -> None:
    pattern = next(
        rule["EventPattern"]
        for rule in _rules(template, "DecideFailover")
        if rule.get("EventPattern", {}).get("source") == ["aws.cloudwatch"]
    )
    prefix = pattern["detail"]["alarmName"][0]["prefix"]
    ours = [alarm["AlarmName"] for alarm in properties(template, "AWS::CloudWatch::Alarm")]
    assert ours
    assert all(name.startswith(prefix) for name in ours)
    assert prefix == f"lifeboat-{names.topology.name}-"


def test_every_step_of_an_incident_is_kept_warm(template: Template) -> None:
    pings = [
        target
        for rule in properties(template, "AWS::Events::Rule")
        for target in rule["Targets"]
        if json.loads(target.get("Input", "{}")) == {"keep_warm": True}
    ]
    others = {"ProbeRegions", "DecideFailover", "AnswerLever", "NoteAdvisory"}
    assert len(pings) == len(set(functions(template)) - others)


def test_no_rule_has_more_targets_than_eventbridge_takes(assembly: Assembly) -> None:
    for template in assembly.templates.values():
        assert all(len(rule["Targets"]) <= 5 for rule in properties(template, "AWS::Events::Rule"))


def test_each_other_region_is_watched_and_silence_proves_nothing(template: Template, topology: Topology) -> None:
    votes = [
        alarm for alarm in properties(template, "AWS::CloudWatch::Alarm") if alarm["MetricName"] == "RegionUnhealthy"
    ]
    subjects = {_dimension(alarm, "Subject") for alarm in votes}
    assert subjects == set(topology.region_names) - {HERE}
    assert {_dimension(alarm, "Observer") for alarm in votes} == {HERE}
    assert {alarm["TreatMissingData"] for alarm in votes} == {"missing"}


def test_an_alarm_tells_when_the_dwell_time_is_over_and_not_before(template: Template, topology: Topology) -> None:
    """It tells once: too early, and its hint is held by R250 and lost."""
    for alarm in properties(template, "AWS::CloudWatch::Alarm"):
        if alarm["MetricName"] == "RegionUnhealthy":
            assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
            seconds = (alarm["EvaluationPeriods"] - 1) * alarm["Period"]
            dwell = max(topology.policy.dwell_seconds, topology.policy.database_dwell_seconds)
            assert dwell <= seconds < dwell + alarm["Period"]


def test_a_silent_prober_and_a_silent_guard_page_people(assembly: Assembly) -> None:
    for layer, metric in (("control", "ProberHeartbeat"), ("regional", "GuardHeartbeat")):
        alarms = properties(assembly.template(layer, HERE), "AWS::CloudWatch::Alarm")
        silent = [alarm for alarm in alarms if alarm["MetricName"] == metric]
        assert [alarm["TreatMissingData"] for alarm in silent] == ["breaching"]
        assert silent[0]["AlarmActions"]


def test_only_a_heartbeat_breaches_by_its_silence(assembly: Assembly) -> None:
    breaching = {
        alarm["MetricName"]
        for template in assembly.templates.values()
        for alarm in properties(template, "AWS::CloudWatch::Alarm")
        if alarm["TreatMissingData"] == "breaching"
    }
    assert breaching == {"ProberHeartbeat", "GuardHeartbeat", "DeciderHeartbeat", "TriggeredRules"}


def test_the_machine_is_in_the_template_and_every_name_in_it_is_filled_in(template: Template, names: Names) -> None:
    machine = next(
        each
        for each in properties(template, "AWS::StepFunctions::StateMachine")
        if each["StateMachineName"] == names.machine("failover")
    )
    definition = json.loads(machine["DefinitionString"])
    used = json.dumps(definition).split("${")[1:]
    assert {name.split("}")[0] for name in used} == set(machine["DefinitionSubstitutions"])
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_a_machine_may_invoke_its_steps_alone(template: Template) -> None:
    machine = next(iter(properties(template, "AWS::StepFunctions::StateMachine")))
    steps = {each["Fn::GetAtt"][0] for each in machine["DefinitionSubstitutions"].values()}
    role = machine["RoleArn"]["Fn::GetAtt"][0]
    invoked = {
        text
        for owner, statement in statements(template)
        if owner == role and "lambda:InvokeFunction" in listed(statement["Action"])
        for text in _getatts(statement["Resource"])
    }
    assert invoked == steps


def test_the_lever_speaks_what_route_53_speaks_under_its_own_name(template: Template, names: Names) -> None:
    (domain,) = properties(template, "AWS::ApiGatewayV2::DomainName")
    assert domain["DomainName"] == names.lever(HERE)
    assert domain["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_2"
    (record,) = properties(template, "AWS::Route53::RecordSet")
    assert record["Type"] == "CNAME"
    assert record["Name"] == f"{names.lever(HERE)}."
    assert record["HostedZoneName"] == f"{names.topology.domain}."


def test_a_stranger_who_asks_the_lever_does_not_keep_the_checkers_from_it(template: Template, names: Names) -> None:
    checkers = LEAST_CHECKER_REGIONS * CHECKERS_A_REGION * len(names.topology.region_names)
    (stage,) = properties(template, "AWS::ApiGatewayV2::Stage")
    settings = stage["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] >= 1000 > 20 * checkers / INTERVAL_SECONDS
    assert settings["ThrottlingBurstLimit"] >= 20 * checkers, "they may all ask at once"
    assert functions(template)["AnswerLever"]["ReservedConcurrentExecutions"] <= 20


def test_a_machine_with_an_unknown_step_is_refused(tmp_path: Any, names: Names) -> None:
    definition = tmp_path / "odd.asl.json"
    definition.write_text('{"States": {"A": {"Parameters": {"FunctionName": "${PromotDatabaseArn}"}}}}')
    import aws_cdk as cdk

    with pytest.raises(CompositionError, match=r"odd.asl.json: \$\{PromotDatabaseArn\} is no function"):
        AslWorkflow(cdk.Stack(), "Odd", names=names, definition=definition, steps=[])


def _dimension(alarm: dict[str, Any], name: str) -> str:
    return next(str(each["Value"]) for each in alarm["Dimensions"] if each["Name"] == name)


def _getatts(value: Any) -> set[str]:
    if isinstance(value, dict):
        if "Fn::GetAtt" in value:
            return {value["Fn::GetAtt"][0]}
        return {each for inner in value.values() for each in _getatts(inner)}
    if isinstance(value, list):
        return {each for inner in value for each in _getatts(inner)}
    return set()
