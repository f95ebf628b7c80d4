"""What a month may cost: a budget for each region, and the word when a day costs what no day did."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.layer import LayerStack
from topology_document.infrastructure.costs import CostsSection

TAG = "lifeboat:topology"


class BudgetsStack(LayerStack):
    """Budgets and anomalies by the tag of the topology, in us-east-1, where AWS's billing is.

    Billing knows the tag when it is activated as a cost allocation tag, which no template can do.
    """

    def __init__(self, scope: Construct, topology: Topology, costs: CostsSection) -> None:
        super().__init__(scope, topology, "budgets", Names(topology).home, stateful=False)
        told = AlarmTopic(self, "Alarms")
        for service in ("budgets", "costalerts"):
            told.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"Says{service.title()}",
                    actions=["sns:Publish"],
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    resources=[told.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": self.account}},
                )
            )
        for region, wanted in sorted(costs.regions.items()):
            self._budget(region, wanted.monthly_usd, {"Region": [region]}, costs, told)
        if len(costs.regions) > 1:
            whole = sum(each.monthly_usd for each in costs.regions.values())
            self._budget("whole", whole, {}, costs, told)
        self._anomalies(costs, told)

    def _budget(
        self, name: str, monthly_usd: float, filters: Mapping[str, list[str]], costs: CostsSection, told: sns.Topic
    ) -> None:
        people = [budgets.CfnBudget.SubscriberProperty(address=told.topic_arn, subscription_type="SNS")]
        actual = [("ACTUAL", percent) for percent in costs.alert_percents]
        budget = budgets.CfnBudget(
            self,
            f"Budget-{name}",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"lifeboat-{self.topology.name}-{name}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=monthly_usd, unit="USD"),
                cost_filters={**filters, "TagKeyValue": [f"user:{TAG}${self.topology.name}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=people,
                )
                for kind, percent in [*actual, ("FORECASTED", costs.forecast_percent)]
            ],
        )
        budget.node.add_dependency(told)

    def _anomalies(self, costs: CostsSection, told: sns.Topic) -> None:
        tagged: dict[str, Any] = {"Tags": {"Key": TAG, "Values": [self.topology.name]}}
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Monitor",
            monitor_name=f"lifeboat-{self.topology.name}",
            monitor_type="CUSTOM",
            monitor_specification=json.dumps(tagged),
        )
        over = {
            "Dimensions": {
                "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                "Values": [f"{costs.anomaly_usd:g}"],
            }
        }
        subscription = ce.CfnAnomalySubscription(
            self,
            "Anomalies",
            subscription_name=f"lifeboat-{self.topology.name}",
            # Only what is told at once may go to a topic.
            frequency="IMMEDIATE",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(address=told.topic_arn, type="SNS")],
            threshold_expression=json.dumps(over),
        )
        subscription.node.add_dependency(told)
