"""Promises on the host for enclaves: no way out, and a key that opens inside the document's images alone."""

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
from cfnlint.api import ManualArgs, lint

from stacks.enclave_stack import enclave_stacks
from tests.infrastructure.areas import by_region
from tests.infrastructure.templates import Template, listed, of_type, properties
from tests.products import EU, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.security import EnclavesSection, SecuritySection

IMAGE = "5a" * 48
OPENING = {"kms:Decrypt", "kms:GenerateDataKey", "kms:*", "kms:ReEncrypt*", "kms:GenerateDataKey*"}


@cache
def template() -> Template:
    enclaves = EnclavesSection(region=EU, instance_type="m7g.xlarge", images=[IMAGE])
    (found,) = by_region(
        enclave_stacks, quickstart(), Infrastructure(security=SecuritySection(enclaves=enclaves))
    ).values()
    return found


def test_a_product_that_asks_for_none_has_no_host() -> None:
    assert list(enclave_stacks(cdk.App(), quickstart(), Infrastructure(security=SecuritySection()))) == []


def test_nothing_is_opened_but_inside_an_image_of_the_document() -> None:
    (key,) = properties(template(), "AWS::KMS::Key")
    opening = [each for each in key["KeyPolicy"]["Statement"] if OPENING & set(listed(each["Action"]))]
    assert [each["Condition"] for each in opening] == [
        {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": [IMAGE]}}
    ]


def test_the_host_has_enclaves_and_answers_its_metadata_to_nobody_else() -> None:
    (told,) = properties(template(), "AWS::EC2::LaunchTemplate")
    data: dict[str, Any] = told["LaunchTemplateData"]
    assert data["EnclaveOptions"] == {"Enabled": True}
    assert data["InstanceType"] == "m7g.xlarge"
    assert data["MetadataOptions"] == {"HttpPutResponseHopLimit": 1, "HttpTokens": "required"}
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert "nitro-enclaves-allocator" in json.dumps(data["UserData"])


def test_the_network_has_no_way_out_but_endpoints_of_aws() -> None:
    kinds = {each["Type"] for each in template()["Resources"].values()}
    assert not {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::TransitGatewayAttachment"} & kinds
    assert not of_type(template(), "AWS::EC2::Route")
    asked = json.dumps(properties(template(), "AWS::EC2::VPCEndpoint"))
    assert "com.amazonaws.eu-west-1.kms" in asked


def test_cfn_lint_finds_no_error() -> None:
    found = lint(json.dumps(template()), config=ManualArgs(ignore_checks=["W", "I"], regions=[EU]))
    assert [str(each) for each in found] == []
