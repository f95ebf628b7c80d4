"""The alarm on a writer whose own copy refuses it."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.constructs.signals import lease_refused

MINUTES = 2
"""A promotion grants the lease some seconds before it admits the writer, and those wake nobody."""


class LeaseRefusedAlarm(cloudwatch.Alarm):
    """Pages when a region is the writer by the store, and its copy has been shut for minutes.

    Somebody has fenced it by hand, or has promoted another cluster past Lifeboat: a region's health need not say so,
    since a copy that is fenced or a replica has handed over.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str, told: sns.ITopic) -> None:
        prefix = f"{region}-" if names.topology.site(region) else ""
        super().__init__(
            scope,
            id,
            alarm_name=f"{cdk.Stack.of(scope).stack_name}-{prefix}lease-refused",
            alarm_description=f"The copy of the writer {region} takes no writes; the guard's log says of which.",
            metric=lease_refused(names, region=region),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=MINUTES,
            datapoints_to_alarm=MINUTES,
            # Nothing is published while nothing is refused.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(told))
        self.add_ok_action(actions.SnsAction(told))
