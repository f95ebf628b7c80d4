"""The name by which a region's readers find a copy of a database: their own, or another region's when it is away."""

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Engine, Names
from stacks.constructs import durations
from stacks.constructs.aurora_copy import AuroraCopy
from stacks.constructs.database_copy import DatabaseCopy
from topology_document.infrastructure.upkeep import UpkeepSection

TTL_SECONDS: Final = 20
COPY_TTL_SECONDS: Final = 300
"""A copy's own name leads to an endpoint that RDS never changes."""

SILENT_MINUTES: Final = 3
MILLISECONDS: Final = 1000


class ReaderNames(Construct):
    """``<database>.<region>.reader.<domain>``, answered by Route 53 alone: nothing of it is in the path of a failover.

    It says nothing of who writes. A region's copy is away when it tells no metrics, or is further behind than readers
    may be; then the copy of the region of its birth answers, and in that region the first replica's. Health checks
    of this kind take plain alarms and no expressions, so that there is one of each, and a calculated one over all.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        database: Database,
        region: str,
        copy: DatabaseCopy | AuroraCopy,
        upkeep: UpkeepSection,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        self._told = told
        self._names, self._database, self._region = names, database, region
        others = [each for each in database.regions if each != region]
        self._record("Copy", copy_name(names, database.name, region), copy.read_host, ttl_seconds=COPY_TTL_SECONDS)
        if not others:
            return
        elsewhere = copy_name(names, database.name, others[0])
        name = reader_name(names, database.name, region)
        here: dict[str, Any] = {"failover": "PRIMARY", "set_identifier": region, "health_check_id": self._here(upkeep)}
        self._record("Here", name, copy_name(names, database.name, region), **here)
        self._record("Elsewhere", name, elsewhere, failover="SECONDARY", set_identifier=others[0])
        for other in others:
            network = ec2.Peer.ipv4(names.topology.region(other).cidr)
            copy.allow_from(network, f"Readers of {other} whose own copy is away")

    def _record(self, id: str, name: str, leads_to: str, *, ttl_seconds: int = TTL_SECONDS, **said: Any) -> None:
        route53.CfnRecordSet(
            self,
            id,
            hosted_zone_name=f"{self._names.topology.domain}.",
            name=f"{name}.",
            type="CNAME",
            ttl=str(ttl_seconds),
            resource_records=[leads_to],
            **said,
        )

    def _here(self, upkeep: UpkeepSection) -> str:
        """Return the check of this region's copy."""
        checks = [self._check("Silent", self._silent(), missing="Unhealthy")]
        for id, metric in self._lags():
            # A copy has no lag that has nobody to follow, as the writer itself, or behind a region that does not write.
            checks.append(self._check(id, self._behind(id, metric, upkeep.reader_lag_seconds), missing="Healthy"))
        whole = route53.CfnHealthCheck(
            self,
            "Check",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CALCULATED", child_health_checks=checks, health_threshold=len(checks)
            ),
        )
        return whole.attr_health_check_id

    def _check(self, id: str, alarm: cloudwatch.Alarm, *, missing: str) -> str:
        check = route53.CfnHealthCheck(
            self,
            f"{id}Check",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CLOUDWATCH_METRIC",
                alarm_identifier=route53.CfnHealthCheck.AlarmIdentifierProperty(
                    name=alarm.alarm_name, region=self._region
                ),
                insufficient_data_health_status=missing,
            ),
        )
        check.node.add_dependency(alarm)
        return check.attr_health_check_id

    def _silent(self) -> cloudwatch.Alarm:
        return self._alarm(
            "Silent",
            self._metric("CPUUtilization", "SampleCount"),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=SILENT_MINUTES,
            # Silence is what this alarm is about.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    def _lags(self) -> list[tuple[str, cloudwatch.Metric]]:
        """Return what tells of a lag: Aurora has a metric for each region that may be the writer's, and RDS has one."""
        if self._database.engine is not Engine.AURORA_POSTGRES:
            return [("Behind", self._metric("ReplicaLag", "Maximum"))]
        sources = [each for each in self._database.regions if each != self._region]
        lag = "AuroraGlobalDBReplicationLag"
        return [(f"Behind-{each}", self._metric(lag, "Maximum", SourceRegion=each)) for each in sources]

    def _behind(self, id: str, metric: cloudwatch.Metric, lag_seconds: float) -> cloudwatch.Alarm:
        aurora = self._database.engine is Engine.AURORA_POSTGRES
        return self._alarm(
            id,
            metric,
            threshold=lag_seconds * (MILLISECONDS if aurora else 1),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _alarm(self, id: str, metric: cloudwatch.Metric, **said: Any) -> cloudwatch.Alarm:
        stack = cdk.Stack.of(self).stack_name
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=f"{stack}-{self._database.name}-readers-{id.lower()}",
            alarm_description=f"Readers of {self._region} go to another region's copy of {self._database.name}.",
            metric=metric,
            **said,
        )
        alarm.add_alarm_action(actions.SnsAction(self._told))
        return alarm

    def _metric(self, name: str, statistic: str, **more: str) -> cloudwatch.Metric:
        database, region = self._database, self._region
        if database.engine is Engine.AURORA_POSTGRES:
            dimensions = {"DBClusterIdentifier": self._names.db_cluster(database.name, region)}
        else:
            dimensions = {"DBInstanceIdentifier": self._names.db_instance(database.name, region)}
        return cloudwatch.Metric(
            namespace="AWS/RDS",
            metric_name=name,
            dimensions_map=dimensions | more,
            statistic=statistic,
            period=durations.minutes(1),
        )


def reader_name(names: Names, database: str, region: str) -> str:
    """Return the DNS name for a region's readers."""
    return f"{database}.{region}.reader.{names.topology.domain}"


def copy_name(names: Names, database: str, region: str) -> str:
    """Return the DNS name of one region's copy, whoever writes it."""
    return f"{database}.{region}.copy.{names.topology.domain}"
