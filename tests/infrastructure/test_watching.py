"""Traces, metrics, alerts and pages of each region, with the documents' numbers; and budgets."""

import json
from typing import Any

import pytest

from tests.infrastructure.seen import alarms, ending, seen, text_of
from tests.infrastructure.templates import Template, anywhere, of_type, properties, statements
from topology_document.infrastructure.environment import Environment

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"


def observability(product: str, region: str) -> Template:
    return seen(product, US if product == "reviews" else None).template("observability", region)


class TestTraces:
    @pytest.mark.parametrize("region", [US, EU, AP])
    def test_a_tenth_of_production_s_requests_is_traced(self, region: str) -> None:
        (rule,) = properties(observability("reviews", region), "AWS::XRay::SamplingRule")
        assert rule["SamplingRule"]["FixedRate"] == pytest.approx(0.1)
        assert rule["SamplingRule"]["ServiceName"] == "reviews-*"

    def test_all_of_staging_s_requests_are_traced(self) -> None:
        staging = seen("reviews", environment=Environment.STAGING)
        (production,) = properties(observability("reviews", EU), "AWS::XRay::SamplingRule")
        made = staging.stacks("observability")
        assert set(made) == {US, EU, AP}
        for template in made.values():
            (rule,) = properties(template, "AWS::XRay::SamplingRule")
            assert rule["SamplingRule"]["FixedRate"] == 1
            assert rule["SamplingRule"]["ServiceName"] == "reviews-staging-*"
            assert rule["SamplingRule"]["Priority"] < production["SamplingRule"]["Priority"], "which fits it as well"

    def test_slow_and_faulty_requests_are_groups(self) -> None:
        groups = properties(observability("reviews", US), "AWS::XRay::Group")
        assert {each["GroupName"] for each in groups} == {"reviews-slow", "reviews-faulty"}
        assert any("responsetime > 0.5" in each["FilterExpression"] for each in groups)


class TestPrometheus:
    def test_each_region_has_its_own_with_rules_of_its_promises(self) -> None:
        for region in (US, EU, AP):
            template = observability("reviews", region)
            (workspace,) = properties(template, "AWS::APS::Workspace")
            assert workspace["WorkspaceConfiguration"] == {"RetentionPeriodInDays": 150}
            (rules,) = properties(template, "AWS::APS::RuleGroupsNamespace")
            told = {
                rule["alert"]: rule["expr"]
                for group in json.loads(rules["Data"])["groups"]
                for rule in group["rules"]
                if "alert" in rule
            }
            assert told["AnswersSlow"].endswith("> 200")
            assert told["BudgetBurnsFast"].count("0.0072") == 2

    def test_an_alert_says_its_region(self) -> None:
        (workspace,) = properties(observability("reviews", EU), "AWS::APS::Workspace")
        text = text_of(workspace["AlertManagerDefinition"])
        config = json.loads(text.removeprefix("alertmanager_config: |\n  "))
        (people,) = config["receivers"][0]["sns_configs"]
        assert people["attributes"]["region"] == EU
        assert people["sigv4"] == {"region": EU}

    def test_only_what_is_added_up_may_be_written_into_another_region_and_only_into_the_product_s(self) -> None:
        template = observability("reviews", EU)
        there = [
            each for _, each in statements(template) if each["Action"] == "aps:RemoteWrite" and "Condition" in each
        ]
        (abroad,) = there
        assert abroad["Resource"] == f"arn:aws:aps:{US}:111122223333:workspace/*"
        assert abroad["Condition"] == {"StringEquals": {"aws:ResourceTag/lifeboat:topology": "reviews"}}
        at_home = [
            each for _, each in statements(observability("reviews", US)) if "aws:ResourceTag" in json.dumps(each)
        ]
        assert [each for each in at_home if each["Action"] == "aps:RemoteWrite"] == []

    def test_a_product_without_a_view_of_all_writes_nowhere_else(self) -> None:
        for region in ("eu-west-1", "eu-west-3", "ap-south-1"):
            text = json.dumps([each for _, each in statements(observability("fleet", region))])
            others = {"eu-west-1", "eu-west-3", "ap-south-1"} - {region}
            assert not any(f"arn:aws:aps:{other}" in text for other in others)


def test_grafana_is_where_the_document_says_and_outlives_a_region() -> None:
    with_one = {
        region for region in (US, EU, AP) if of_type(observability("reviews", region), "AWS::Grafana::Workspace")
    }
    assert with_one == {US, EU}


class TestPagerDuty:
    @pytest.mark.parametrize("region", [US, EU, AP])
    def test_an_alarm_opens_and_resolves_an_incident_that_says_its_region(self, region: str) -> None:
        said = {}
        for rule in properties(observability("reviews", region), "AWS::Events::Rule"):
            (target,) = rule["Targets"]
            template = target["InputTransformer"]["InputTemplate"]
            paths = target["InputTransformer"]["InputPathsMap"]
            state = rule["EventPattern"]["detail"]["state"]["value"][0]
            said[state] = (template, set(paths.values()))
            assert rule["EventPattern"]["region"] == [region]
            assert rule["EventPattern"]["detail"]["alarmName"] == [{"prefix": "lifeboat-reviews-"}]
        assert '"event_action":"trigger"' in said["ALARM"][0]
        assert '"event_action":"resolve"' in said["OK"][0]
        for template, paths in said.values():
            assert "$.region" in paths
            assert '"custom_details":{"region":' in template

    def test_the_key_stands_in_no_template(self) -> None:
        template = observability("reviews", EU)
        keys = [
            value for name, value in anywhere(template) if name in ("ApiKeyValue", "Value") and "resolve" in str(value)
        ]
        assert keys
        for each in keys:
            assert "{{resolve:secretsmanager:lifeboat/reviews/pagerduty:SecretString:routing_key" in text_of(each)

    def test_the_control_plane_s_own_pages_come_too(self) -> None:
        (subscription,) = properties(observability("reviews", EU), "AWS::SNS::Subscription")
        assert subscription["TopicArn"] == f"arn:aws:sns:{EU}:111122223333:lifeboat-reviews-pages"
        assert subscription["Protocol"] == "https"

    def test_a_product_that_does_not_ask_for_it_tells_nobody(self) -> None:
        assert properties(observability("fleet", "eu-west-1"), "AWS::Events::ApiDestination") == []


class TestOwnMetrics:
    @pytest.mark.parametrize(("region", "mails"), [(US, 1000), (EU, 800), (AP, 600)])
    def test_each_region_s_agreement_is_watched_there(self, region: str, mails: int) -> None:
        found = alarms(observability("triage", region))
        assert ending(found, "-mailsarrived-above")["Threshold"] == mails
        (slow,) = [each["MetricStat"] for each in ending(found, "-verdictseconds-above")["Metrics"]]
        assert (slow["Stat"], slow["Metric"]["Dimensions"]) == ("p95", [{"Name": "Region", "Value": region}])

    @pytest.mark.parametrize("region", [US, EU, AP])
    def test_the_second_of_two_models_is_compared_in_each_region(self, region: str) -> None:
        worse = ending(alarms(observability("triage", region)), "-wrongverdictpercent-candidate-is-worse")
        assert (worse["Threshold"], worse["EvaluationPeriods"]) == (10, 30)
        variants = {
            dimension["Value"]
            for each in worse["Metrics"]
            if "MetricStat" in each
            for dimension in each["MetricStat"]["Metric"]["Dimensions"]
        }
        assert {"current", "candidate"} <= variants

    def test_exceptions_and_models_are_watched(self) -> None:
        found = alarms(observability("metro", "eu-central-1"))
        assert ending(found, "-exceptionsraised-above")["Threshold"] == 100
        assert ending(found, "-modelerrorpercent-above")["Threshold"] == 10


class TestBudgets:
    def budgets(self) -> dict[str, dict[str, Any]]:
        template = seen("reviews", US).template("budgets", US)
        return {each["Budget"]["BudgetName"]: each for each in properties(template, "AWS::Budgets::Budget")}

    def test_each_region_s_month_is_what_the_document_says(self) -> None:
        amounts = {name: each["Budget"]["BudgetLimit"]["Amount"] for name, each in self.budgets().items()}
        expected = {US: 12_000, EU: 8_000, AP: 6_000, "whole": 26_000}
        assert amounts == {f"lifeboat-reviews-{name}": amount for name, amount in expected.items()}

    def test_a_budget_is_about_its_region_and_its_product(self) -> None:
        filters = self.budgets()[f"lifeboat-reviews-{EU}"]["Budget"]["CostFilters"]
        assert filters == {"Region": [EU], "TagKeyValue": ["user:lifeboat:topology$reviews"]}

    def test_people_are_told_before_it_is_spent_and_when_it_will_be(self) -> None:
        told = [
            each["Notification"] for each in self.budgets()[f"lifeboat-reviews-{US}"]["NotificationsWithSubscribers"]
        ]
        assert [(each["NotificationType"], each["Threshold"]) for each in told] == [
            ("ACTUAL", 80),
            ("ACTUAL", 100),
            ("FORECASTED", 100),
        ]

    def test_an_anomaly_is_told_at_once(self) -> None:
        (told,) = properties(seen("reviews", US).template("budgets", US), "AWS::CE::AnomalySubscription")
        assert told["Frequency"] == "IMMEDIATE"
        assert json.loads(told["ThresholdExpression"])["Dimensions"]["Values"] == ["100"]
