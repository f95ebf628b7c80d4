"""A CloudFront distribution before the regions: what is cached, for how long, and who is told when too little is."""

from typing import Final

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.delivery_logs import DeliveryKey, DeliveryLogs
from stacks.constructs.edge_behaviors import FALLBACK, ORIGIN, EdgeBehaviors
from stacks.constructs.firewall import EdgeFirewall
from topology_document.infrastructure.delivery import CdnSection, FirewallSection

ALIAS_ZONE: Final = "Z2FDTNDATAQYW2"
"""The hosted zone of every distribution's name (Route 53 API reference, ``AliasTarget``)."""

MOST_SECURE: Final = "TLSv1.2_2021"
"""The policy of 1.2 and 1.3 without ciphers that are weak; a viewer that speaks 1.3 gets it."""

LOG_PREFIX: Final = "edge/"
HIT_HOURS: Final = 3
"""So long must too few requests be hits, one hour after the other: a cache that was emptied fills again first."""


class ContentDelivery(Construct):
    """What is named in the document is cached; all else goes through to the origin, and so does every write.

    The origin's name is a route's or the accelerator's, so that it is the lever that moves what comes through here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: CdnSection,
        firewall: FirewallSection,
        told: sns.Topic,
    ) -> None:
        super().__init__(scope, id)
        hosts = [names.route(name) for name in settings.names]
        key = DeliveryKey(self, "Key", names=names, layer="delivery")
        bucket = DeliveryLogs(self, "Logs", days=settings.log_days, key=key, with_acl=True)
        shield = EdgeFirewall(self, "Firewall", names=names, settings=firewall, key=key)
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=hosts[0],
            subject_alternative_names=hosts[1:] or None,
            validation=acm.CertificateValidation.from_dns(),
        )
        behaviors = EdgeBehaviors(self, "Behaviors", names=names, settings=settings)
        self.distribution = cloudfront.CfnDistribution(
            self,
            "Distribution",
            distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
                enabled=True,
                comment=f"Lifeboat {names.topology.name}",
                aliases=hosts,
                http_version="http2and3",
                ipv6_enabled=True,
                price_class=settings.price_class.value,
                origins=[_origin(ORIGIN, names.route(settings.origin)), *_fallback(names, settings)],
                origin_groups=behaviors.groups,
                default_cache_behavior=behaviors.default,
                cache_behaviors=behaviors.named,
                viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
                    acm_certificate_arn=certificate.certificate_arn,
                    minimum_protocol_version=MOST_SECURE,
                    ssl_support_method="sni-only",
                ),
                logging=cloudfront.CfnDistribution.LoggingProperty(
                    bucket=bucket.bucket_regional_domain_name, prefix=LOG_PREFIX, include_cookies=False
                ),
                web_acl_id=shield.arn,
            ),
        )
        accept(
            self.distribution,
            "who may be served where is said by zones and routes; the edge shows everybody what is public",
            "AwsSolutions-CFR1",
        )
        self._record(names, settings)
        self._watch(names, settings, told)

    def _record(self, names: Names, settings: CdnSection) -> None:
        for name in settings.names:
            for kind in ("A", "AAAA"):
                route53.CfnRecordSet(
                    self,
                    f"{kind}-{name}",
                    hosted_zone_name=f"{names.topology.domain}.",
                    name=f"{names.route(name)}.",
                    type=kind,
                    alias_target=route53.CfnRecordSet.AliasTargetProperty(
                        dns_name=self.distribution.attr_domain_name,
                        hosted_zone_id=ALIAS_ZONE,
                        evaluate_target_health=False,
                    ),
                )

    def _watch(self, names: Names, settings: CdnSection, told: sns.ITopic) -> None:
        """Ask for the metrics that are not given by themselves, the hit rate among them."""
        cloudfront.CfnMonitoringSubscription(
            self,
            "Metrics",
            distribution_id=self.distribution.ref,
            monitoring_subscription=cloudfront.CfnMonitoringSubscription.MonitoringSubscriptionProperty(
                realtime_metrics_subscription_config=(
                    cloudfront.CfnMonitoringSubscription.RealtimeMetricsSubscriptionConfigProperty(
                        realtime_metrics_subscription_status="Enabled"
                    )
                )
            ),
        )
        if settings.least_hit_percent is None:
            return
        alarm = cloudwatch.Alarm(
            self,
            "FewHits",
            alarm_name=f"lifeboat-{names.topology.name}-edge-few-hits",
            alarm_description=f"Fewer than {settings.least_hit_percent} % of the requests that may be cached are hits.",
            metric=cloudwatch.Metric(
                namespace="AWS/CloudFront",
                metric_name="CacheHitRate",
                dimensions_map={"DistributionId": self.distribution.ref, "Region": "Global"},
                statistic="Average",
                period=durations.hours(1),
            ),
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=settings.least_hit_percent,
            evaluation_periods=HIT_HOURS,
            # Without requests there is nothing to hit.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))


def _fallback(names: Names, settings: CdnSection) -> list[cloudfront.CfnDistribution.OriginProperty]:
    return [_origin(FALLBACK, names.route(settings.fallback))] if settings.fallback else []


def _origin(id: str, host: str) -> cloudfront.CfnDistribution.OriginProperty:
    return cloudfront.CfnDistribution.OriginProperty(
        id=id,
        domain_name=host,
        connection_attempts=2,
        connection_timeout=3,
        custom_origin_config=cloudfront.CfnDistribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only",
            https_port=443,
            # The greatest that CloudFront speaks to an origin (CloudFront, "Supported protocols and ciphers").
            origin_ssl_protocols=["TLSv1.2"],
            origin_read_timeout=30,
            origin_keepalive_timeout=5,
        ),
    )
