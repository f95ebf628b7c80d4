"""Which requests X-Ray follows, and the groups that people look at."""

from typing import Final

from aws_cdk import aws_xray as xray
from constructs import Construct

from failover.topology import Names
from topology_document.infrastructure.observability import TracingSection

RESERVOIR: Final = 1
"""A second's first request is traced in any case, so that a quiet service is seen too."""
PRIORITY: Final = 100
"""Less the length of the product's name: of two rules that fit a service the longer name's comes first, which is that
of an environment beside its product."""
LONGEST_NAME: Final = 32
"""Of a rule or group (X-Ray API reference, SamplingRule, CreateGroup)."""


class Tracing(Construct):
    """The product's sampling rule and the groups of slow and of faulty requests, in one region.

    The rule is for services whose names begin with the product's, as the collectors in its clusters name them.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, tracing: TracingSection) -> None:
        super().__init__(scope, id)
        product = names.topology.name
        xray.CfnSamplingRule(
            self,
            "Sampling",
            sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
                rule_name=product[:LONGEST_NAME],
                priority=PRIORITY - len(product),
                version=1,
                fixed_rate=tracing.sampling_percent / 100,
                reservoir_size=RESERVOIR,
                service_name=f"{product}-*",
                service_type="*",
                host="*",
                http_method="*",
                url_path="*",
                resource_arn="*",
            ),
        )
        service = f'annotation.product = "{product}"'
        slow = f"{service} AND responsetime > {tracing.slow_ms / 1000:g}"
        self._group("Slow", product, slow)
        self._group("Faulty", product, f"{service} AND (fault = true OR error = true)")

    def _group(self, id: str, product: str, expression: str) -> None:
        xray.CfnGroup(
            self,
            id,
            group_name=f"{product[: LONGEST_NAME - len(id) - 1]}-{id.lower()}",
            filter_expression=expression,
            insights_configuration=xray.CfnGroup.InsightsConfigurationProperty(
                insights_enabled=True, notifications_enabled=True
            ),
        )
