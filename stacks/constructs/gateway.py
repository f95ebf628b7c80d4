"""The API gateway of a region: who calls, how often, and what a firewall lets through."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.firewall import GatewayFirewall
from stacks.constructs.retention import KEPT
from stacks.constructs.security_names import GatewayNames
from topology_document.infrastructure.security import GatewaySection

LONGEST_SECONDS: Final = 29
"""API Gateway waits no longer for what is behind it."""

PASSWORD_LENGTH: Final = 14
NAME_TTL_SECONDS: Final = 60


class Callers(Construct):
    """The directory of those who may call, and the client that their programs sign in by."""

    def __init__(self, scope: Construct, id: str, *, names: Names, gateway: GatewaySection) -> None:
        super().__init__(scope, id)
        second = cognito.Mfa.REQUIRED if gateway.multi_factor else cognito.Mfa.OPTIONAL
        self.pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=f"lifeboat-{names.topology.name}",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            mfa=second,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=PASSWORD_LENGTH,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=durations.days(1),
            ),
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=True,
            removal_policy=KEPT,
        )
        self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True),
            prevent_user_existence_errors=True,
            access_token_validity=durations.minutes(gateway.token_minutes),
            id_token_validity=durations.minutes(gateway.token_minutes),
            enable_token_revocation=True,
        )


class Gateway(Construct):
    """Passes what a caller with a token asks on to the region's own entrance, and tells it who calls.

    It has the region's own name and the route's, so that the route leads callers to the gateway of the region that
    serves, moved by the same lever as every other name.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        gateway: GatewaySection,
        key: kms.IKey,
        logs_allowed: bool,
    ) -> None:
        """``logs_allowed``: the account has a role already by which API Gateway writes logs, one for all gateways."""
        super().__init__(scope, id)
        self._logs_allowed = logs_allowed
        callers = Callers(self, "Callers", names=names, gateway=gateway)
        own, route = GatewayNames(names.topology).origin(region), names.route(gateway.route)
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=own,
            subject_alternative_names=[route],
            validation=acm.CertificateValidation.from_dns(),
        )
        log = logs.LogGroup(
            self,
            "AccessLog",
            encryption_key=key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=KEPT,
        )
        api = self._api(names, region, gateway, callers, log)
        for host in (own, route):
            domain = apigateway.DomainName(
                self,
                "Domain" if host == own else "RouteDomain",
                domain_name=host,
                certificate=certificate,
                endpoint_type=apigateway.EndpointType.REGIONAL,
                security_policy=apigateway.SecurityPolicy.TLS_1_2,
                mapping=api,
            )
            if host == own:
                self._name(names, own, domain)
        firewall = GatewayFirewall(
            self,
            "Firewall",
            names=names,
            stage_arn=api.deployment_stage.stage_arn,
            requests_per_address=gateway.requests_per_address,
        )
        accept(firewall, "the gateway's access log has what was refused", "NIST.800.53.R5-WAFv2LoggingEnabled")

    def _api(
        self, names: Names, region: str, gateway: GatewaySection, callers: Callers, log: logs.LogGroup
    ) -> apigateway.RestApi:
        entrance = f"https://{names.origin(region)}"
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"lifeboat-{names.topology.name}",
            description="What is asked with a token, so often and no more often.",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            disable_execute_api_endpoint=True,
            cloud_watch_role=not self._logs_allowed,
            cloud_watch_role_removal_policy=None if self._logs_allowed else cdk.RemovalPolicy.RETAIN,
            deploy_options=apigateway.StageOptions(
                stage_name="live",
                throttling_rate_limit=gateway.requests_a_second,
                throttling_burst_limit=gateway.burst,
                tracing_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(log),
                access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
                    caller=True,
                    http_method=True,
                    ip=True,
                    protocol=True,
                    request_time=True,
                    resource_path=True,
                    response_length=True,
                    status=True,
                    user=True,
                ),
            ),
        )
        authorizer = apigateway.CognitoUserPoolsAuthorizer(
            self, "Authorizer", cognito_user_pools=[callers.pool], results_cache_ttl=durations.minutes(5)
        )
        api.root.add_resource("{proxy+}").add_method(
            "ANY",
            apigateway.HttpIntegration(
                f"{entrance}/{{proxy}}",
                http_method="ANY",
                proxy=True,
                options=apigateway.IntegrationOptions(
                    timeout=durations.seconds(LONGEST_SECONDS),
                    request_parameters={
                        "integration.request.path.proxy": "method.request.path.proxy",
                        "integration.request.header.X-Caller": "context.authorizer.claims.sub",
                    },
                ),
            ),
            authorizer=authorizer,
            authorization_type=apigateway.AuthorizationType.COGNITO,
            request_parameters={"method.request.path.proxy": True},
        )
        accept(api, "it passes on whatever is asked; what a request means the service knows", "AwsSolutions-APIG2")
        stage = api.deployment_stage
        own = "an answer is its caller's own and never another's"
        accept(stage, own, "NIST.800.53.R5-APIGWCacheEnabledAndEncrypted", "CKV_AWS_120")
        accept(stage, "the entrance shows a certificate and asks for none", "NIST.800.53.R5-APIGWSSLEnabled")
        if not self._logs_allowed:
            written = "AWS's own policy for API Gateway lets it write logs, and nothing else"
            accept(api.node.find_child("CloudWatchRole"), written, "AwsSolutions-IAM4")
        return api

    def _name(self, names: Names, host: str, domain: apigateway.DomainName) -> None:
        route53.CfnRecordSet(
            self,
            "Name",
            hosted_zone_name=f"{names.topology.domain}.",
            name=f"{host}.",
            type="CNAME",
            ttl=str(NAME_TTL_SECONDS),
            resource_records=[domain.domain_name_alias_domain_name],
        )
