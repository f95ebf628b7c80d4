"""What guards a region: detectors, compliance, findings, account settings, keys and the operators' role."""

from collections.abc import Iterable
from typing import Final

from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Topology
from stacks.constructs.account_settings import AccountSettings
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.compliance import Compliance
from stacks.constructs.detection import AccessAnalysis, IntrusionDetection, PersonalDataDiscovery
from stacks.constructs.failures import Failures
from stacks.constructs.findings import Findings
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.guarded_places import guarded_regions, laws_in, zones_of
from stacks.constructs.operations_role import OperationsRole
from stacks.constructs.record_bucket import AccessLog, RecordBucket
from stacks.constructs.record_key import RecordKey
from stacks.constructs.rotation import Rotation
from stacks.constructs.security_names import SecurityNames
from stacks.constructs.zone_key import ZoneKey
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Service

LAYER: Final = "security"


class SecurityStack(LayerStack):
    """Everything that exists once in an account and region, but for what the organisation has already."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, bundle: FunctionBundle, security: SecuritySection
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        self._bundle, self._security, self._secured = bundle, security, SecurityNames(self.names)
        names, regions = self._secured, guarded_regions(topology)
        self._shows_all = region == (security.compliance.report_in or topology.control_regions[0])
        others = [each for each in regions if each != region] if self._shows_all else []
        key = RecordKey(
            self,
            "Key",
            alias=names.records_alias(LAYER),
            description=f"Lifeboat {topology.name}: configurations and findings",
            rotation_days=security.keys.rotation_days,
        )
        key.let_publish("cloudwatch.amazonaws.com")
        told = AlarmTopic(self, "Alarms", key=key)
        failures = Failures(self, "Failures", told=told).queue
        if self._ours(Service.GUARDDUTY):
            IntrusionDetection(self, "Intrusions", detection=security.detection)
        if self._ours(Service.ACCESS_ANALYZER):
            AccessAnalysis(self, "Access", names=names, unused_as_well=self._shows_all)
        if self._ours(Service.CONFIG):
            self._compliance(key, [region, *others])
        if self._ours(Service.SECURITY_HUB):
            Findings(self, "Findings", region=region, security=security, collected=others, told=told)
        settings = AccountSettings(
            self, "Settings", names=self.names, region=region, security=security, failures=failures
        )
        if self._ours(Service.MACIE) and security.detection.personal_data:
            discovery = PersonalDataDiscovery(self, "PersonalData", names=names, detection=security.detection)
            # Macie takes no setting before its session is there.
            settings.node.add_dependency(discovery)
        self._rotation(failures)
        zones = zones_of(topology) if security.keys.shared else {}
        for zone, places in zones.items():
            if region in places:
                ZoneKey(
                    self,
                    "ZoneKey",
                    names=names,
                    zone=zone,
                    first=places[0],
                    region=region,
                    rotation_days=security.keys.rotation_days,
                    failures=failures,
                )
        if security.access.operators and region in topology.control_regions:
            access = security.access
            minutes = access.session_minutes
            OperationsRole(self, "Operations", names=names, region=region, operators=access.operators, minutes=minutes)

    def _ours(self, service: Service) -> bool:
        return service not in self._security.provided

    def _rotation(self, failures: sqs.IQueue) -> None:
        born = [database for database in self.topology.databases if database.born_primary == self.region_name]
        if born:
            Rotation(
                self,
                "Rotation",
                names=self.names,
                region=self.region_name,
                code=self._bundle.code(),
                databases=born,
                secrets=self._security.secrets,
                failures=failures,
            )

    def _compliance(self, key: RecordKey, regions: list[str]) -> None:
        days, names = self._security.audit.retention_days, self._secured
        log = AccessLog(self, "AccessLog", name=names.access_logs(LAYER, self.region_name), days=days)
        bucket = RecordBucket(
            self,
            "Configurations",
            name=names.configuration_bucket(self.region_name),
            key=key,
            log=log,
            days=days,
            # AWS Config delivers into no bucket that locks by default; the trail and the journal are locked.
            locked=False,
        )
        Compliance(
            self,
            "Compliance",
            names=names,
            bucket=bucket,
            key=key,
            laws=laws_in(self.topology, self._security, self.region_name),
            collected=regions if self._shows_all else [],
            whole_account=self._shows_all,
        )


def security_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each region of AWS that the product is in, if its document says how it is guarded."""
    security = infrastructure.security
    if security is None:
        return []
    bundle = FunctionBundle.build(topology)
    stacks = {region: SecurityStack(scope, topology, region, bundle, security) for region in guarded_regions(topology)}
    for places in zones_of(topology).values() if security.keys.shared else ():
        for place in places[1:]:
            stacks[place].add_stack_dependency(stacks[places[0]], "a replica is made of the zone's first key")
    return list(stacks.values())
