"""Nobody is unmonitored: what a clock starts, and the clock itself, has an alarm on its silence."""

from typing import Any

from stacks.constructs.minute_schedule import SILENT_MINUTES
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, functions_allowed, of_type, properties

HEARTBEATS = {
    "ProbeRegions": "ProberHeartbeat",
    "GuardLease": "GuardHeartbeat",
    "DecideFailover": "DeciderHeartbeat",
}


def silences(template: Template) -> list[dict[str, Any]]:
    """The alarms that go off when nothing is heard, and tell somebody."""
    alarms = properties(template, "AWS::CloudWatch::Alarm")
    return [each for each in alarms if each["TreatMissingData"] == "breaching" and each["AlarmActions"]]


def schedules(template: Template) -> dict[str, dict[str, Any]]:
    rules = of_type(template, "AWS::Events::Rule")
    return {key: rule["Properties"] for key, rule in rules.items() if "ScheduleExpression" in rule["Properties"]}


def test_each_schedule_has_an_alarm_on_its_silence(assembly: Assembly) -> None:
    seen = 0
    for name, template in assembly.templates.items():
        watched = [
            alarm["Dimensions"]
            for alarm in silences(template)
            if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Events", "TriggeredRules")
        ]
        for key, rule in schedules(template).items():
            seen += 1
            assert [{"Name": "RuleName", "Value": {"Ref": key}}] in watched, f"{name}: {rule['Description']}"
            assert rule["ScheduleExpression"] == "rate(1 minute)", "the alarm counts minutes"
    assert seen


def test_a_schedule_may_be_late_and_must_not_be_gone(assembly: Assembly) -> None:
    for template in assembly.templates.values():
        for alarm in silences(template):
            if alarm["MetricName"] == "TriggeredRules":
                assert (alarm["EvaluationPeriods"], alarm["Period"]) == (SILENT_MINUTES, 60)
                assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
                assert alarm["ComparisonOperator"] == "LessThanThreshold"


def test_each_function_that_a_clock_starts_has_a_heartbeat_of_its_own(assembly: Assembly) -> None:
    """A rule can fire and its function fail: only the function's own word proves it. Pings of steps prove steps."""
    found = set()
    for name, template in assembly.templates.items():
        heard = {alarm["MetricName"] for alarm in silences(template)}
        may_tell = functions_allowed(template, "cloudwatch:PutMetricData")
        for function in started_by_a_clock(template):
            found.add(function)
            assert HEARTBEATS[function] in heard, f"{name}: {function}"
            assert function in may_tell, f"{name}: {function}"
    assert found == set(HEARTBEATS)


def test_a_step_whose_ping_fails_is_told_of(assembly: Assembly) -> None:
    for name, template in assembly.templates.items():
        if schedules(template):
            alarms = [each["MetricName"] for each in properties(template, "AWS::CloudWatch::Alarm")]
            assert "ApproximateNumberOfMessagesVisible" in alarms, name


def test_no_two_alarms_of_a_region_share_a_name(assembly: Assembly) -> None:
    for region in assembly.names.topology.region_names:
        names = [
            alarm["AlarmName"]
            for name, template in assembly.templates.items()
            if name.endswith(f"-{region}.template.json")
            for alarm in properties(template, "AWS::CloudWatch::Alarm")
            if "AlarmName" in alarm
        ]
        assert len(names) == len(set(names))


def started_by_a_clock(template: Template) -> set[str]:
    """Construct ids of the functions that a schedule starts for their work, and not to keep them warm."""
    keys = {
        target["Arn"]["Fn::GetAtt"][0]
        for rule in schedules(template).values()
        for target in rule["Targets"]
        if "keep_warm" not in target.get("Input", "")
    }
    paths = {key: each["Metadata"]["aws:cdk:path"] for key, each in template["Resources"].items() if key in keys}
    return {path.split("/")[-2] for path in paths.values()}
