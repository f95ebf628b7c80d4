"""A region's public entrance: load balancer, certificate, firewall and its own DNS name."""

from typing import Any

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.firewall import Firewall
from stacks.constructs.log_bucket import LogBucket
from stacks.constructs.network import Network
from topology_document.infrastructure.delivery import DeliverySection
from topology_document.infrastructure.network import NetworkSection

SERVICE_PORT = 8080
ENTRANCE_PORT = 8443
"""Where the mesh's gateway listens (``manifests.entrance``), with a certificate that nobody need know."""

ORIGIN_TTL_SECONDS = 60


class FrontDoor(Construct):
    """An HTTPS listener for the region's origin name and for every route that may be answered with it.

    Who runs pods registers them in ``targets`` (a ``TargetGroupBinding``). The target check asks whether a
    pod is alive and no more: with a deep check there, a lost database would take every pod out, and the
    observers would see a dead load balancer in place of the reason. With ``bound`` the group has the product's name, by
    which the cluster's own manifest finds it, and the way to the pods is encrypted as the way to the users is.
    ``coloured``: there is a second group for the next version, which nobody is led to until a rollout turns the
    weights; as with databases, the template says what was live at first, and a deployment does not turn it back.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        network: Network,
        pods: ec2.Connections,
        settings: NetworkSection | None = None,
        bound: bool = False,
        delivery: DeliverySection | None = None,
        key: kms.IKey | None = None,
        coloured: bool = False,
    ) -> None:
        super().__init__(scope, id)
        topology = names.topology
        port = ENTRANCE_PORT if bound else SERVICE_PORT
        group = network.security_group(self, "SecurityGroup", "Load balancer: HTTP and HTTPS from everywhere")
        accept(group, "users come from everywhere; port 80 tells them where 443 is", "AwsSolutions-EC23", "CKV_AWS_260")
        self.balancer = elb.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=network.vpc,
            internet_facing=True,
            security_group=group,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            # Its ARN, and its metrics, have a part that nobody can compute: they are looked up by this name. Always
            # given, since another name is another load balancer.
            load_balancer_name=names.load_balancer,
        )
        self.targets = _pods(self, "Pods", network, name=topology.name if bound else None, bound=bound)
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=names.origin(region),
            subject_alternative_names=_public_names(names, region, delivery),
            validation=acm.CertificateValidation.from_dns(),
        )
        self.listener = self.balancer.add_listener(
            "Https",
            port=443,
            certificates=[certificate],
            # TLS 1.2 stays allowed: Route 53's health checkers do not speak 1.3.
            ssl_policy=elb.SslPolicy.TLS13_RES,
            **self._led_to(names, network, coloured=coloured and bound),
        )
        self.balancer.add_redirect()
        why = "the listener of port 80 tells browsers to come to port 443, and nothing else"
        accept(self.balancer, why, "NIST.800.53.R5-ELBv2ACMCertificateRequired")
        pods.allow_from(group, ec2.Port.tcp(port), "Load balancer to pods")
        rules = delivery.firewall if delivery else None
        Firewall(self, "Firewall", names=names, protects=self.balancer, settings=rules, key=key)
        if settings is not None:
            self.balancer.log_access_logs(_access_logs(self, settings.access_log_days))
        else:
            why = "a document that says nothing of networks says of no log how long it is kept"
            accept(self.balancer, why, "AwsSolutions-ELB2", "NIST.800.53.R5-ELBLoggingEnabled", "CKV_AWS_91")
        # A CNAME, since an alias to a load balancer has a TTL of its own; and by the zone's name, since its id
        # is another region's to know.
        route53.CfnRecordSet(
            self,
            "Origin",
            hosted_zone_name=f"{topology.domain}.",
            name=f"{names.origin(region)}.",
            type="CNAME",
            ttl=str(ORIGIN_TTL_SECONDS),
            resource_records=[self.balancer.load_balancer_dns_name],
        )

    def _led_to(self, names: Names, network: Network, *, coloured: bool) -> dict[str, Any]:
        if not coloured:
            return {"default_target_groups": [self.targets]}
        green = _pods(self, "Green", network, name=names.green, bound=True)
        weighted = [(self.targets, 1), (green, 0)]
        groups = [elb.WeightedTargetGroup(target_group=group, weight=weight) for group, weight in weighted]
        return {"default_action": elb.ListenerAction.weighted_forward(groups)}


def _pods(scope: Construct, id: str, network: Network, *, name: str | None, bound: bool) -> elb.ApplicationTargetGroup:
    return elb.ApplicationTargetGroup(
        scope,
        id,
        target_group_name=name,
        vpc=network.vpc,
        target_type=elb.TargetType.IP,
        port=ENTRANCE_PORT if bound else SERVICE_PORT,
        protocol=elb.ApplicationProtocol.HTTPS if bound else elb.ApplicationProtocol.HTTP,
        deregistration_delay=durations.seconds(10),
        health_check=elb.HealthCheck(
            path="/health/live",
            protocol=elb.Protocol.HTTPS if bound else None,
            interval=durations.seconds(5),
            timeout=durations.seconds(2),
            healthy_threshold_count=2,
            unhealthy_threshold_count=2,
        ),
    )


def _public_names(names: Names, region: str, delivery: DeliverySection | None) -> list[str]:
    """Return the names that users may know the region by: its routes', and the accelerator's."""
    routes = [names.route(route.name) for route in names.topology.routes if region in route.regions]
    return [*routes, names.route(delivery.accelerator.name)] if delivery and delivery.accelerator else routes


def _access_logs(scope: Construct, days: int) -> s3.Bucket:
    """Return the bucket of the balancer's access logs; the load balancer writes with S3's own key and no other."""
    bucket = LogBucket(scope, "AccessLogs", days=days)
    why = "the log of a log would write about itself"
    accept(bucket, why, "AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled", "CKV_AWS_18")
    why = "who asked a region is told in that region alone; nothing that is restored needs it"
    accept(bucket, why, "NIST.800.53.R5-S3BucketReplicationEnabled")
    accept(bucket, "load balancers write with S3's own key and no other", "NIST.800.53.R5-S3DefaultEncryptionKMS")
    return bucket
