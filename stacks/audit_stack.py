"""What is kept of who did what, in a control region."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.journal_archive import JournalArchive
from stacks.constructs.record_bucket import AccessLog, RecordBucket
from stacks.constructs.record_key import RecordKey
from stacks.constructs.security_names import SecurityNames
from stacks.constructs.trail import Trail
from stacks.constructs.trail_alarms import TrailAlarms
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Service

LAYER: Final = "audit"


class AuditStack(LayerStack):
    """The locked bucket of a control region with the journal, and with the account's trail where one is kept here.

    Every control region has the whole journal, each by itself: none needs another to have it.
    """

    def __init__(
        self, scope: Construct, topology: Topology, region: str, bundle: FunctionBundle, security: SecuritySection
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        names, audit = SecurityNames(self.names), security.audit
        key = RecordKey(
            self,
            "Key",
            alias=names.records_alias(LAYER),
            description=f"Lifeboat {topology.name}: what is kept of who did what",
            rotation_days=security.keys.rotation_days,
        )
        key.let_publish("cloudwatch.amazonaws.com")
        told = AlarmTopic(self, "Alarms", key=key)
        log = AccessLog(self, "AccessLog", name=names.access_logs(LAYER, region), days=audit.retention_days)
        bucket = RecordBucket(
            self,
            "Records",
            name=names.audit_bucket(region),
            key=key,
            log=log,
            days=audit.retention_days,
            locked=True,
        )
        JournalArchive(
            self,
            "Journal",
            names=self.names,
            code=bundle.code(),
            bucket=bucket,
            key=key,
            failures=Failures(self, "Failures", told=told).queue,
            told=told,
        )
        trails = audit.trails or [topology.control_regions[0]]
        if region in trails and Service.TRAIL not in security.provided:
            trail = Trail(self, "Trail", names=names, region=region, bucket=bucket, key=key, audit=audit)
            namespace = self.names.metrics_namespace
            TrailAlarms(self, "Watched", group=trail.logs, namespace=namespace, product=topology.name, told=told)


def audit_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each control region of a product whose document says how its accounts are guarded."""
    if infrastructure.security is None:
        return []
    bundle = FunctionBundle.build(topology)
    return [AuditStack(scope, topology, region, bundle, infrastructure.security) for region in topology.control_regions]
