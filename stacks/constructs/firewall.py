"""The web application firewall of a region's load balancer."""

from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from failover.topology import Names

REQUESTS_PER_ADDRESS = 3000
"""In five minutes; a prober that asks every 5 s makes 60."""

MANAGED_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)


class Firewall(Construct):
    """AWS's managed rule groups and a rate limit per address."""

    def __init__(self, scope: Construct, id: str, *, names: Names, protects: elb.ApplicationLoadBalancer) -> None:
        super().__init__(scope, id)
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name=f"lifeboat-{names.topology.name}",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("lifeboat"),
            rules=[_managed(name, order) for order, name in enumerate(MANAGED_GROUPS)] + [_rate_limit()],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=protects.load_balancer_arn, web_acl_arn=acl.attr_arn
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


def _rate_limit() -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="RequestsPerAddress",
        priority=len(MANAGED_GROUPS),
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=REQUESTS_PER_ADDRESS, aggregate_key_type="IP"
            )
        ),
        visibility_config=_visible("RequestsPerAddress"),
    )


def _visible(metric: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
