"""Security Hub: what a region is held against, where all findings are seen, and who is told of the grave ones."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_securityhub as securityhub
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acceptance import accept
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Standard

STANDARDS: Final = {
    Standard.FSBP: "aws-foundational-security-best-practices/v/1.0.0",
    Standard.NIST: "nist-800-53/v/5.0.0",
    Standard.CIS: "cis-aws-foundations-benchmark/v/3.0.0",
}


class Findings(Construct):
    """A hub with the document's standards; in the region that shows all it collects the others' findings.

    Each region tells of its own: a region whose findings are collected elsewhere still tells when that place is lost.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: str,
        security: SecuritySection,
        collected: Sequence[str],
        told: sns.Topic,
    ) -> None:
        """``collected`` are the other regions, in the one that shows them, and none anywhere else."""
        super().__init__(scope, id)
        hub = securityhub.CfnHub(
            self,
            "Hub",
            auto_enable_controls=True,
            enable_default_standards=False,
            control_finding_generator="SECURITY_CONTROL",
        )
        for standard in security.compliance.held_against:
            held = securityhub.CfnStandard(
                self,
                f"Standard-{standard.value}",
                standards_arn=f"arn:aws:securityhub:{region}::standards/{STANDARDS[standard]}",
            )
            held.node.add_dependency(hub)
        if collected:
            all_regions = securityhub.CfnFindingAggregator(
                self, "AllRegions", region_linking_mode="SPECIFIED_REGIONS", regions=list(collected)
            )
            all_regions.node.add_dependency(hub)
        self._tell(region, [severity.value for severity in security.detection.tells], told)

    def _tell(self, region: str, severities: list[str], told: sns.Topic) -> None:
        rule = events.Rule(
            self,
            "Grave",
            description="A new finding of this region that people should look at.",
            event_pattern=events.EventPattern(
                source=["aws.securityhub"],
                detail_type=["Security Hub Findings - Imported"],
                detail={
                    "findings": {
                        # Collected findings come as events as well; each region tells of its own.
                        "Region": [region],
                        "RecordState": ["ACTIVE"],
                        "Workflow": {"Status": ["NEW"]},
                        "Severity": {"Label": severities},
                    }
                },
            ),
            targets=[targets.SnsTopic(told)],
        )
        accept(rule, "a finding stays in Security Hub, where it is seen if the page is lost", "Serverless-EventBusDLQ")
