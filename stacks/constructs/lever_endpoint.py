"""A control region's lever endpoint: what Route 53's checkers ask whether a region is evacuated."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import AnswerLeverEnvironment
from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import StepFunction

TTL_SECONDS: Final = 60
REQUESTS_A_SECOND: Final = 2000
"""Some six checkers ask every 10 s for each region: two a second of three regions. The rest is for whoever else asks:
the throttle knows no callers, and a checker that it turns away sees no token, and an evacuated region looks healthy.
What a flood costs is bounded by ``CONCURRENCY`` at Lambda and by this at API Gateway."""

TIMEOUT_SECONDS: Final = 3
"""Route 53 waits 2 s for an answer; what comes later is nobody's."""

CONCURRENCY: Final = 20


class LeverEndpoint(Construct):
    """An HTTP API on the region's lever name, with the region's own copy of the last known answers."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        self.local = dynamodb.TableV2(
            self,
            "Local",
            table_name=names.local_table,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            # Answers are written again at the next one; what was promised lasts no longer than a lease.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        rebuilt = "nothing is kept in it: its answers are written again by the next one, within the minute"
        accept(self.local, rebuilt, "CKV_AWS_165", "Lifeboat-Kept")
        self.answer = StepFunction(
            self,
            "AnswerLever",
            names=names,
            code=code,
            environment=AnswerLeverEnvironment(
                quorum_table=names.quorum_table,
                quorum_regions=names.topology.quorum.replicas,
                local_table=names.local_table,
            ),
            failures=failures,
            timeout_seconds=TIMEOUT_SECONDS,
            reserved_concurrency=CONCURRENCY,
        )
        QuorumAccess(names).grant_read(self.answer)
        self.local.grant(self.answer, "dynamodb:GetItem", "dynamodb:PutItem")
        self._expose(names, names.lever(region))

    def _expose(self, names: Names, host: str) -> None:
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=host,
            validation=acm.CertificateValidation.from_dns(),
        )
        domain = apigateway.DomainName(
            self,
            "Domain",
            domain_name=host,
            certificate=certificate,
            # The floor, and 1.3 with it: the checkers speak up to 1.2.
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"lifeboat-{names.topology.name}-lever",
            description="Answers a token for a region that is evacuated.",
            create_default_stage=False,
            disable_execute_api_endpoint=True,
        )
        route = apigateway.HttpRoute(
            self,
            "Route",
            http_api=api,
            route_key=apigateway.HttpRouteKey.with_(names.lever_path("{region}"), apigateway.HttpMethod.GET),
            integration=integrations.HttpLambdaIntegration("AnswerLever", self.answer),
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=api,
            stage_name="$default",
            auto_deploy=True,
            domain_mapping=apigateway.DomainMappingOptions(domain_name=domain),
            throttle=apigateway.ThrottleSettings(rate_limit=REQUESTS_A_SECOND, burst_limit=2 * REQUESTS_A_SECOND),
        )
        accept(route, "Route 53's checkers can show no credentials; it answers one bit", "AwsSolutions-APIG4")
        why = "Route 53's checkers ask it several times a second, and all its requests are alike"
        accept(stage, why, "AwsSolutions-APIG1", "Serverless-APIGWAccessLogging", "CKV_AWS_95")
        route53.CfnRecordSet(
            self,
            "Record",
            hosted_zone_name=f"{names.topology.domain}.",
            name=f"{host}.",
            type="CNAME",
            ttl=str(TTL_SECONDS),
            resource_records=[domain.regional_domain_name],
        )
