"""Promises on the API gateway: nobody without a token, not more often than the document says, by a name that moves."""

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from cfnlint.api import ManualArgs, lint

from stacks.gateway_stack import gateway_stacks
from stacks.global_stack import GlobalStack
from tests.infrastructure.areas import application, by_region
from tests.infrastructure.templates import Template, of_type, properties
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.security import GatewaySection, SecuritySection
from topology_document.infrastructure.security_words import Service

GATEWAY = GatewaySection(
    route="app", requests_a_second=70, burst=140, requests_per_address=900, token_minutes=15, multi_factor=True
)


@cache
def templates(provided: bool = False) -> dict[str, Template]:
    told = {Service.ACCOUNT_SETTINGS: "the organisation settles its accounts"} if provided else {}
    section = SecuritySection(gateway=GATEWAY, provided=told)
    return by_region(gateway_stacks, quickstart(), Infrastructure(security=section))


def only(template: Template, kind: str) -> dict[str, Any]:
    (told,) = properties(template, kind)
    return told


def test_a_product_that_asks_for_none_has_no_gateway() -> None:
    assert list(gateway_stacks(cdk.App(), quickstart(), Infrastructure(security=SecuritySection()))) == []


def test_there_is_a_gateway_in_each_region_that_its_route_leads_to() -> None:
    assert templates().keys() == {US, EU, AP}


def test_nobody_passes_without_a_token_of_the_regions_own_directory() -> None:
    template = templates()[EU]
    for method in properties(template, "AWS::ApiGateway::Method"):
        assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
    (pool,) = of_type(template, "AWS::Cognito::UserPool")
    assert only(template, "AWS::ApiGateway::Authorizer")["ProviderARNs"] == [{"Fn::GetAtt": [pool, "Arn"]}]
    assert only(template, "AWS::ApiGateway::RestApi")["DisableExecuteApiEndpoint"] is True


def test_what_passes_goes_to_the_regions_own_entrance_with_who_asks() -> None:
    integration = only(templates()[EU], "AWS::ApiGateway::Method")["Integration"]
    assert integration["Uri"] == "https://eu-west-1.origin.quickstart.example/{proxy}"
    caller = integration["RequestParameters"]["integration.request.header.X-Caller"]
    assert caller == "context.authorizer.claims.sub"


def test_callers_come_no_more_often_than_the_document_says() -> None:
    template = templates()[AP]
    (settings,) = only(template, "AWS::ApiGateway::Stage")["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (70, 140)
    rules = {each["Name"]: each["Statement"] for each in only(template, "AWS::WAFv2::WebACL")["Rules"]}
    assert rules["RequestsPerAddress"]["RateBasedStatement"]["Limit"] == 900
    assert of_type(template, "AWS::WAFv2::WebACLAssociation")


def test_people_sign_in_with_a_second_factor_and_a_token_lasts_as_the_document_says() -> None:
    template = templates()[US]
    pool = only(template, "AWS::Cognito::UserPool")
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    client = only(template, "AWS::Cognito::UserPoolClient")
    assert (client["AccessTokenValidity"], client["TokenValidityUnits"]["AccessToken"]) == (15, "minutes")


def test_who_called_is_kept_under_a_key_of_its_own() -> None:
    template = templates()[US]
    log = only(template, "AWS::Logs::LogGroup")
    assert log["KmsKeyId"]
    assert log["RetentionInDays"] == 365
    assert only(template, "AWS::ApiGateway::Stage")["AccessLogSetting"]["DestinationArn"]


def test_the_account_wide_role_is_not_made_where_the_organisation_has_one() -> None:
    assert of_type(templates()[US], "AWS::ApiGateway::Account")
    assert not of_type(templates(provided=True)[US], "AWS::ApiGateway::Account")


def test_the_routes_name_leads_to_the_gateways_and_moves_by_the_lever() -> None:
    app = application()
    stack = GlobalStack(app, quickstart(), Infrastructure(security=SecuritySection(gateway=GATEWAY)))
    template = app.synth().get_stack_by_name(stack.stack_name).template
    records = [
        each
        for each in properties(template, "AWS::Route53::RecordSet")
        if each["Name"] == "app.quickstart.example." and "HealthCheckId" in each
    ]
    assert {each["Region"]: each["ResourceRecords"] for each in records} == {
        region: [f"{region}.gateway.quickstart.example."] for region in (US, EU, AP)
    }
    names = {each["DomainName"] for each in properties(templates()[EU], "AWS::ApiGateway::DomainName")}
    assert names == {"eu-west-1.gateway.quickstart.example", "app.quickstart.example"}


@pytest.mark.parametrize("region", [US, EU])
def test_cfn_lint_finds_no_error(region: str) -> None:
    found = lint(json.dumps(templates()[region]), config=ManualArgs(ignore_checks=["W", "I"], regions=[region]))
    assert [str(each) for each in found] == []
