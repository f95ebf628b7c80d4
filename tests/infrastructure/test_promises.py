"""What a region promises has alarms with the document's numbers, and pages that show them."""

import json

import pytest

from stacks.constructs.service_levels import BURNS
from tests.infrastructure.seen import alarms, ending, seen, text_of, widgets
from tests.infrastructure.templates import properties
from topology_document.infrastructure.environment import Environment

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"


@pytest.mark.parametrize(
    ("burn", "rate", "long", "short"),
    [("fast", 14.4, 3600, 300), ("steady", 6, 21600, 1800), ("creeping", 1, 86400, 21600)],
)
def test_an_error_budget_of_five_in_ten_thousand_has_an_alarm_for_each_burn_rate(
    burn: str, rate: float, long: int, short: int
) -> None:
    found = alarms(seen("reviews", US).template("regional", US))
    for window, seconds in (("long", long), ("short", short)):
        alarm = ending(found, f"-budget-burns-{burn}-{window}")
        assert alarm["Threshold"] == pytest.approx(rate * 0.0005)
        assert {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each} == {seconds}
    both = ending(found, f"-budget-burns-{burn}")
    rule = text_of(both["AlarmRule"])
    assert (rule.count("ALARM("), rule.count(" AND "), rule.count(" OR ")) == (2, 1, 0)
    assert both["AlarmActions"]


def test_the_burn_rates_are_those_of_the_workbook_for_thirty_days() -> None:
    assert [round(burn.rate(30), 1) for burn in BURNS] == [14.4, 6.0, 1.0]


def test_a_creeping_burn_goes_on_for_three_days() -> None:
    alarm = ending(alarms(seen("reviews", US).template("regional", US)), "-budget-burns-creeping-long")
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (3, 3)


def test_answers_that_take_longer_than_is_promised_are_told_of() -> None:
    slow = ending(alarms(seen("reviews", US).template("regional", US)), "-answers-slow")
    assert (slow["Threshold"], slow["ExtendedStatistic"], slow["MetricName"]) == (0.2, "p95", "TargetResponseTime")


def test_the_load_that_the_product_is_meant_for_is_a_line_and_an_alarm() -> None:
    found = alarms(seen("reviews", US).template("regional", US))
    assert ending(found, "-requests-at-most")["Threshold"] == 100_000
    assert ending(found, "-connections-at-most")["Threshold"] == 1_000_000


@pytest.mark.parametrize(
    ("load", "alarm", "seconds", "most"),
    [
        ("requests a second", "-requests-at-most", 1, 100_000),
        ("connections at once", "-connections-at-most", 60, 10**6),
    ],
)
def test_the_load_of_all_regions_together_is_a_line_beside_what_the_product_is_meant_for(
    load: str, alarm: str, seconds: int, most: int
) -> None:
    product = seen("reviews", US)
    (graph,) = [
        each["properties"]
        for each in widgets(product.template("global-dashboard", US))
        if each["properties"].get("title", "").startswith(f"All regions: {load}")
    ]
    assert [each["value"] for each in graph["annotations"]["horizontal"]] == [most]
    drawn = {each[-1].get("id"): each[-1] for each in graph["metrics"]}
    counts = [each for name, each in drawn.items() if (name or "").startswith("count")]
    assert [each.get("region", US) for each in counts] == [US, EU, AP]
    total = graph["metrics"][0][0]
    assert total["expression"] == f"SUM([count0,count1,count2]) * {seconds} / PERIOD(clock)"
    assert drawn["clock"]["period"] == 60
    watched = ending(alarms(product.template("regional", US)), alarm)
    watched = next(
        (each["MetricStat"]["Metric"] for each in watched.get("Metrics", ()) if "MetricStat" in each), watched
    )
    for each in counts:
        assert f'{{{watched["Namespace"]},LoadBalancer}} MetricName="{watched["MetricName"]}"' in each["expression"]


def test_what_is_added_up_is_counted_by_the_load_balancers_of_the_product_and_not_of_staging() -> None:
    """Whether a search takes words of a name in any order or only as they follow each other."""
    (balancer,) = properties(seen("reviews", US).template("regional", US), "AWS::ElasticLoadBalancingV2::LoadBalancer")
    dashboard = json.dumps(seen("reviews", US).template("global-dashboard", US))
    assert f"LoadBalancer=app/{balancer['Name']} NOT staging NOT development'" in dashboard
    for environment in (Environment.STAGING, Environment.DEVELOPMENT):
        assert environment.value in seen("reviews", None, environment).names.load_balancer.split("-")
    staging = json.dumps(seen("reviews", US, Environment.STAGING).template("global-dashboard", US))
    assert "LoadBalancer=app/reviews-staging-door NOT development'" in staging


@pytest.mark.parametrize(("region", "milliseconds"), [(EU, 100), (AP, 200)])
def test_copies_that_lag_are_told_of_in_their_region(region: str, milliseconds: int) -> None:
    for writer in {US, EU, AP} - {region}:
        lag = ending(alarms(seen("reviews", US).template("observability", region)), f"-reviews-lags-{writer}")
        assert (lag["MetricName"], lag["Threshold"]) == ("AuroraGlobalDBReplicationLag", milliseconds)
        assert {"Name": "SourceRegion", "Value": writer} in lag["Dimensions"]


def test_where_no_lag_is_promised_nobody_is_told_of_one() -> None:
    assert not [name for name in alarms(seen("reviews", US).template("observability", US)) if "-lags" in name]


def test_a_recovery_that_takes_longer_than_is_promised_is_told_of() -> None:
    late = ending(alarms(seen("reviews", US).template("observability", EU)), "-recovery-late")
    assert (late["MetricName"], late["Threshold"]) == ("IncidentOpenSeconds", 300)


@pytest.mark.parametrize("region", [US, EU, AP])
def test_a_region_has_a_dashboard_of_its_own(region: str) -> None:
    titles = [
        each["properties"].get("title", "") for each in widgets(seen("reviews", US).template("observability", region))
    ]
    assert any("Latency p95" in each and "200 ms" in each for each in titles)
    assert any("99.95 %" in each for each in titles)


def test_the_global_dashboard_shows_every_region_and_what_recovery_takes() -> None:
    shown = widgets(seen("reviews", US).template("global-dashboard", US))
    titles = [each["properties"].get("title", "") for each in shown]
    for region in (US, EU, AP):
        assert any(title.startswith(f"{region}: Latency p95") for title in titles)
    for what in ("RTO now", "RPO now", "MTTR, seconds (promised: 300 s)", "MTBF, days (promised: 30 days)"):
        assert any(title.startswith(what) for title in titles), what


def test_a_dashboard_shows_alarms_that_there_are() -> None:
    """They are found by name: a name that was changed in one place would show nothing, and nobody would be told."""
    product = seen("reviews", US)
    there = set(alarms(product.template("regional", US)))
    for template in (product.template("global-dashboard", US), product.template("observability", US)):
        shown = {
            arn.rpartition(":")[2]
            for widget in widgets(template)
            for arn in [
                *widget["properties"].get("annotations", {}).get("alarms", []),
                *widget["properties"].get("alarms", []),
            ]
            if f":{US}:" in arn
        }
        assert shown
        assert shown <= there
