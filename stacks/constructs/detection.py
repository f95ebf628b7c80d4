"""What looks for intruders, for data that strangers reach, and for personal data in the wrong place."""

from typing import Final

from aws_cdk import aws_accessanalyzer as accessanalyzer
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_macie as macie
from constructs import Construct

from stacks.constructs.security_names import SecurityNames
from topology_document.infrastructure.security import DetectionSection
from topology_document.infrastructure.security_words import Protection

Feature = guardduty.CfnDetector.CFNFeatureConfigurationProperty
Additional = guardduty.CfnDetector.CFNFeatureAdditionalConfigurationProperty

FEATURES: Final = {
    Protection.S3: "S3_DATA_EVENTS",
    Protection.EKS: "EKS_AUDIT_LOGS",
    Protection.RDS: "RDS_LOGIN_EVENTS",
    Protection.LAMBDA: "LAMBDA_NETWORK_LOGS",
    Protection.RUNTIME: "RUNTIME_MONITORING",
    Protection.MALWARE: "EBS_MALWARE_PROTECTION",
}
AGENTS: Final = ("EKS_ADDON_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
"""GuardDuty puts its agent on the clusters' nodes and on hosts by itself."""

UNUSED_DAYS: Final = 90


class IntrusionDetection(Construct):
    """GuardDuty in one region, each protection plan said outright: on where the document wants it, else off."""

    def __init__(self, scope: Construct, id: str, *, detection: DetectionSection) -> None:
        super().__init__(scope, id)
        guardduty.CfnDetector(
            self,
            "Detector",
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            features=[_feature(plan, name, on=plan in detection.plans) for plan, name in FEATURES.items()],
        )


class PersonalDataDiscovery(Construct):
    """Macie in one region, which samples the account's buckets by itself, and what only this product knows of."""

    def __init__(self, scope: Construct, id: str, *, names: SecurityNames, detection: DetectionSection) -> None:
        super().__init__(scope, id)
        session = macie.CfnSession(self, "Session", status="ENABLED", finding_publishing_frequency="FIFTEEN_MINUTES")
        for name, pattern in detection.identifiers.items():
            identifier = macie.CfnCustomDataIdentifier(
                self,
                f"Identifier-{name}",
                name=f"lifeboat-{names.names.topology.name}-{name}",
                description=f"Personal data of {names.names.topology.name}: {name}",
                regex=pattern,
            )
            identifier.node.add_dependency(session)


class AccessAnalysis(Construct):
    """Which resources of a region somebody outside the account may reach; in one region also which rights rest."""

    def __init__(self, scope: Construct, id: str, *, names: SecurityNames, unused_as_well: bool) -> None:
        super().__init__(scope, id)
        product = f"lifeboat-{names.names.topology.name}"
        accessanalyzer.CfnAnalyzer(self, "Outside", analyzer_name=f"{product}-outside", type="ACCOUNT")
        if unused_as_well:
            accessanalyzer.CfnAnalyzer(
                self,
                "Unused",
                analyzer_name=f"{product}-unused",
                type="ACCOUNT_UNUSED_ACCESS",
                analyzer_configuration=accessanalyzer.CfnAnalyzer.AnalyzerConfigurationProperty(
                    unused_access_configuration=accessanalyzer.CfnAnalyzer.UnusedAccessConfigurationProperty(
                        unused_access_age=UNUSED_DAYS
                    )
                ),
            )


def _feature(plan: Protection, name: str, *, on: bool) -> Feature:
    status = "ENABLED" if on else "DISABLED"
    agents = [Additional(name=agent, status=status) for agent in AGENTS] if plan is Protection.RUNTIME else None
    return Feature(name=name, status=status, additional_configuration=agents)
