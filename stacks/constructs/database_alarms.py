"""Alarms on a copy of a database: what an operator must mend before it is needed."""

import re
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Names
from stacks.constructs import durations

GIB: Final = 1024**3
LEAST_FREE_PART: Final = 0.15
WORDS: Final = re.compile("(?<=[a-z])(?=[A-Z])")


class DatabaseAlarms(Construct):
    """Lag over the loss that the topology allows, and little free storage."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, database: Database, region: str, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        self._dimensions = {"DBInstanceIdentifier": names.db_instance(database.name, region)}
        self._prefix = f"{cdk.Stack.of(self).stack_name}-{database.name}"
        self._told = told
        self._alarm(
            "StorageLow",
            "FreeStorageSpace",
            f"Less than {LEAST_FREE_PART:.0%} of the storage of {database.name} is free in {region}.",
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            database.storage_gib * GIB * LEAST_FREE_PART,
        )
        if len(database.regions) > 1:
            # Seconds. Of a lost source this grows for ever, so that no decision reads it; it is here for the
            # time before. A writer has no such metric; the first one is a replica after a failback.
            self._alarm(
                "ReplicaBehind",
                "ReplicaLag",
                f"{database.name} in {region} is more than {database.rpo_seconds:g} s behind: more than may be lost.",
                cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                database.rpo_seconds,
            )

    def _alarm(
        self,
        id: str,
        metric: str,
        description: str,
        comparison: cloudwatch.ComparisonOperator,
        threshold: float,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=f"{self._prefix}-{WORDS.sub('-', id).lower()}",
            alarm_description=description,
            metric=cloudwatch.Metric(
                namespace="AWS/RDS",
                metric_name=metric,
                dimensions_map=self._dimensions,
                statistic="Average",
                period=durations.minutes(1),
            ),
            comparison_operator=comparison,
            threshold=threshold,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            # A copy that says nothing is the observers' business.
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._told))
