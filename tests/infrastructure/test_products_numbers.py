"""Numbers of the products' documents in the templates that their topologies deploy."""

import json
from typing import Any

import pytest

from manifests import Cluster, site_manifests_of
from stacks.chaos_stack import chaos_stacks
from stacks.edge_stack import edge_stacks
from stacks.rehearsal_stack import rehearsal_stacks
from stacks.steering_stack import steering_stacks
from tests.infrastructure.areas import by_region
from tests.infrastructure.seen import seen
from tests.infrastructure.synthesis import load
from tests.infrastructure.templates import properties

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"
HAVEN = load("haven")


def schedules(template: dict[str, Any]) -> dict[str, Any]:
    return {each["ScheduleExpression"]: each for each in properties(template, "AWS::Scheduler::Schedule")}


def test_readers_of_reviews_go_around_answers_of_more_than_100_ms() -> None:
    found = properties(seen("reviews", US).template("regional", US), "AWS::CloudWatch::Alarm")
    (slow,) = [each for each in found if each["AlarmName"] == "lifeboat-reviews-read-slow"]
    assert slow["Threshold"] == pytest.approx(0.1)
    assert slow["ComparisonOperator"] == "GreaterThanThreshold"
    assert slow["EvaluationPeriods"] == 3
    periods = {slow.get("Period"), *(each.get("MetricStat", {}).get("Period") for each in slow.get("Metrics", ()))}
    assert periods - {None} == {60}


def test_reviews_practises_two_faults_a_week_where_the_document_says() -> None:
    made = by_region(chaos_stacks, *load("reviews"))
    assert {region: set(schedules(template)) for region, template in made.items()} == {
        US: set(),
        EU: {"cron(0 10 ? * WED *)"},
        AP: {"cron(0 3 ? * THU *)"},
    }


def test_each_place_of_haven_rehearses_its_failover_every_week_from_another_continent() -> None:
    made = by_region(rehearsal_stacks, *HAVEN)
    rehearsed = {
        (region, json.loads(each["Target"]["Input"])["subject"], when)
        for region, template in made.items()
        for when, each in schedules(template).items()
    }
    assert rehearsed == {
        ("ca-central-1", "frankfurt-hetzner", "cron(0 9 ? * MON *)"),
        ("eu-central-1", "toronto-digitalocean", "cron(0 15 ? * MON *)"),
        ("eu-central-1", "singapore-vultr", "cron(0 3 ? * TUE *)"),
        ("ca-central-1", "reykjavik-1984", "cron(0 9 ? * TUE *)"),
    }


@pytest.mark.parametrize("site", HAVEN[0].region_names)
def test_every_site_of_haven_has_prometheus_and_grafana(site: str) -> None:
    made = list(site_manifests_of(Cluster(*HAVEN, site)))
    images = json.dumps([each for each in made if each["kind"] in {"Deployment", "StatefulSet"}])
    assert "grafana/grafana:" in images
    assert "prometheus/prometheus:" in images


def test_each_city_of_metro_has_its_node() -> None:
    things = {
        region: {each["ThingName"] for each in properties(template, "AWS::IoT::Thing")}
        for region, template in by_region(edge_stacks, *load("metro")).items()
    }
    assert things == {"eu-central-1": {"metro-bremen", "metro-lyon"}, "eu-west-1": {"metro-porto"}}


def test_the_function_that_weighs_triage_is_told_each_regions_mails_a_minute() -> None:
    (template,) = by_region(steering_stacks, *load("triage")).values()
    (told,) = [
        json.loads(value)
        for each in properties(template, "AWS::Lambda::Function")
        for key, value in each.get("Environment", {}).get("Variables", {}).items()
        if key.endswith("STEERED")
    ]
    assert {route: each["capacity_per_minute"] for route, each in told.items()} == {
        "us": {US: 1000, "us-west-2": 1000},
        "eu": {EU: 800, "eu-central-1": 800},
        "apac": {AP: 600, "ap-southeast-2": 600},
    }
