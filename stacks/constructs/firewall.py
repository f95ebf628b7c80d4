"""The web application firewalls: one at the edge, and one at each region's load balancer."""

from typing import Final

from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.kept_log import KeptLog
from topology_document.infrastructure.delivery import FirewallSection

REQUESTS_PER_ADDRESS: Final = 3000
"""In five minutes; a prober that asks every 5 s makes 60."""

MANAGED_GROUPS: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)


class Firewall(Construct):
    """AWS's managed rule groups and a rate limit per address, at a region's load balancer.

    With settings, what was refused is kept.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        protects: elb.ApplicationLoadBalancer,
        settings: FirewallSection | None = None,
        key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, id)
        limit = settings.requests_per_address_in_region if settings else REQUESTS_PER_ADDRESS
        acl = _acl(self, f"lifeboat-{names.topology.name}", "REGIONAL", settings, limit)
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=protects.load_balancer_arn, web_acl_arn=acl.attr_arn
        )
        if settings is not None:
            _keep_refusals(self, acl, settings, key)
        else:
            counted = "what it refuses is counted; a document that asks for a firewall's log gets one"
            accept(self, counted, "NIST.800.53.R5-WAFv2LoggingEnabled")


class GatewayFirewall(Construct):
    """The same before a stage of an API gateway."""

    def __init__(self, scope: Construct, id: str, *, names: Names, stage_arn: str, requests_per_address: int) -> None:
        super().__init__(scope, id)
        acl = _acl(self, f"lifeboat-{names.topology.name}-gateway", "REGIONAL", None, requests_per_address)
        wafv2.CfnWebACLAssociation(self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)


class EdgeFirewall(Construct):
    """The same before CloudFront; WAF has it in us-east-1 alone."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, settings: FirewallSection, key: kms.IKey | None = None
    ) -> None:
        super().__init__(scope, id)
        name = f"lifeboat-{names.topology.name}-edge"
        acl = _acl(self, name, "CLOUDFRONT", settings, settings.requests_per_address)
        _keep_refusals(self, acl, settings, key)
        self.arn = acl.attr_arn


def _acl(
    scope: Construct, name: str, where: str, settings: FirewallSection | None, requests_per_address: int
) -> wafv2.CfnWebACL:
    groups = (settings and settings.managed_groups) or MANAGED_GROUPS
    return wafv2.CfnWebACL(
        scope,
        "Acl",
        name=name,
        scope=where,
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_visible("lifeboat"),
        rules=[
            *(_managed(group, order) for order, group in enumerate(groups)),
            _rate_limit(len(groups), requests_per_address),
        ],
    )


def _keep_refusals(scope: Construct, acl: wafv2.CfnWebACL, settings: FirewallSection, key: kms.IKey | None) -> None:
    """Write down what was refused, and no request that was let through: those are in the access logs."""
    # WAF writes to groups whose names begin so, and to no others.
    log = KeptLog(scope, "Refused", name=f"aws-waf-logs-{acl.name}", days=settings.log_days, key=key)
    wafv2.CfnLoggingConfiguration(
        scope,
        "Logging",
        resource_arn=acl.attr_arn,
        log_destination_configs=[log.plain_arn],
        logging_filter={
            "DefaultBehavior": "DROP",
            "Filters": [
                {
                    "Behavior": "KEEP",
                    "Requirement": "MEETS_ANY",
                    "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                }
            ],
        },
        redacted_fields=[{"singleHeader": {"Name": header}} for header in ("authorization", "cookie")],
    )


def _managed(name: str, order: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=order,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
        ),
        visibility_config=_visible(name),
    )


def _rate_limit(order: int, requests: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="RequestsPerAddress",
        priority=order,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(limit=requests, aggregate_key_type="IP")
        ),
        visibility_config=_visible("RequestsPerAddress"),
    )


def _visible(metric: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
