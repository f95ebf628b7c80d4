from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.twin.aws.conftest import EU, US, Client, Deploy
from twin.aws import Edge, EmulatedAws, Failure, NotEmulatedError, NotStartedError
from twin.network import AddressPlan, CertificateAuthority

HOST = "eu-west-1.lever.example.org"
SOURCE = """
def handle(event, context):
    return {"statusCode": 200, "body": event["rawPath"] + " " + event["requestContext"]["http"]["method"]}
"""


@pytest.fixture
def authority(tmp_path: Path) -> Any:
    return CertificateAuthority(tmp_path)


@pytest.fixture
def edge(aws: EmulatedAws, plan: AddressPlan, authority: CertificateAuthority) -> Iterator[Any]:
    shown = authority.issue("edge", ["*.lever.example.org", "dynamodb.eu-west-1.amazonaws.com"])
    with Edge(plan, aws.apis, aws.outages, certificate=shown.certificate, key=shown.key) as running:
        yield running


@pytest.fixture
def api(client: Client, function: Deploy) -> Any:
    """An HTTP API in eu-west-1 behind a custom domain; returns its default host."""
    gateway = client("apigatewayv2", EU)
    arn = f"arn:aws:lambda:{EU}:111122223333:function:{function(SOURCE, EU)}"
    api = gateway.create_api(Name="lever", ProtocolType="HTTP")["ApiId"]
    proxy = {"IntegrationType": "AWS_PROXY", "IntegrationUri": arn, "PayloadFormatVersion": "2.0"}
    integration = gateway.create_integration(ApiId=api, **proxy)["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="ANY /levers/{region}", Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    gateway.create_domain_name(DomainName=HOST, DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:any"}])
    gateway.create_api_mapping(ApiId=api, DomainName=HOST, Stage="$default")
    return f"{api}.execute-api.{EU}.amazonaws.com"


def get(
    plan: AddressPlan, authority: CertificateAuthority, address: Any, host: Any, path: Any, seconds: float = 5.0
) -> Any:
    """Send one HTTPS request as a client does that has resolved the name."""
    context = ssl.create_default_context(cafile=str(authority.file))
    with (
        socket.create_connection((address, plan.ports.https), seconds) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        secured.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: secured.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def test_a_function_answers_behind_a_custom_domain_and_the_default_host(aws: EmulatedAws, api: Any) -> None:
    answer = aws.apis.invoke(HOST, "/levers/us-east-1")
    assert (answer.status, answer.body) == (200, b"/levers/us-east-1 GET")
    assert aws.apis.invoke(api, "/levers/us-east-1", method="POST", body=b"{}").body == b"/levers/us-east-1 POST"
    assert aws.apis.region_of(HOST) == aws.apis.region_of(api) == EU


def test_a_name_that_nothing_answers_to_is_refused(aws: EmulatedAws) -> None:
    with pytest.raises(NotEmulatedError, match="no API Gateway"):
        aws.apis.invoke("us-east-1.lever.example.org", "/")


def test_the_lever_is_reached_over_https_by_its_name(
    plan: AddressPlan, edge: Edge, authority: CertificateAuthority, api: Any
) -> None:
    assert get(plan, authority, plan.api_gateway(EU), HOST, "/levers/us-east-1") == (200, "/levers/us-east-1 GET")
    assert get(plan, authority, plan.api_gateway(EU), "ap-southeast-1.lever.example.org", "/")[0] == 403


def test_a_path_without_a_route_is_answered_by_the_api_itself(
    plan: AddressPlan, edge: Edge, authority: CertificateAuthority, api: Any
) -> None:
    """Observers ask their own region so whether they can see at all; the function would have answered 200."""
    assert get(plan, authority, plan.api_gateway(EU), HOST, "/sight")[0] == 404


def test_the_neutral_endpoint_says_that_it_is_there(
    plan: AddressPlan, edge: Edge, authority: CertificateAuthority
) -> None:
    host = f"dynamodb.{EU}.amazonaws.com"
    status, body = get(plan, authority, plan.neutral(EU), host, "/ping")
    assert (status, body.strip()) == (200, f"healthy: {host}")


def test_a_lost_region_resets_or_hangs(
    aws: EmulatedAws, plan: AddressPlan, edge: Edge, authority: CertificateAuthority, api: Any
) -> None:
    aws.outages.region_down(EU, Failure.RESET)
    with pytest.raises(ConnectionError):
        get(plan, authority, plan.api_gateway(EU), HOST, "/levers/us-east-1")
    aws.outages.region_up(EU)
    aws.outages.region_down(EU, Failure.HANG)
    with pytest.raises(TimeoutError):
        get(plan, authority, plan.api_gateway(EU), HOST, "/levers/us-east-1", seconds=0.3)
    aws.outages.region_up(EU)
    assert get(plan, authority, plan.api_gateway(EU), HOST, "/levers/us-east-1")[0] == 200


def test_stopping_waits_for_nobody_who_hangs(
    aws: EmulatedAws, plan: AddressPlan, authority: CertificateAuthority
) -> None:
    shown = authority.issue("edge", ["*.lever.example.org"])
    edge = Edge(plan, aws.apis, aws.outages, certificate=shown.certificate, key=shown.key)
    edge.start()
    aws.outages.region_down(EU)
    silent = socket.create_connection((plan.api_gateway(EU), plan.ports.https))
    mute = socket.create_connection((plan.api_gateway(US), plan.ports.https))
    time.sleep(0.1)
    begun = time.monotonic()
    edge.stop()
    assert time.monotonic() - begun < 1
    silent.close()
    mute.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("twin-edge")]


def test_a_port_that_is_taken_is_told_and_nothing_is_left(
    aws: EmulatedAws, plan: AddressPlan, authority: CertificateAuthority
) -> None:
    shown = authority.issue("edge", ["*.lever.example.org"])
    with socket.create_server((plan.neutral(EU), plan.ports.https)):
        edge = Edge(plan, aws.apis, aws.outages, certificate=shown.certificate, key=shown.key)
        with pytest.raises(NotStartedError, match=f"{plan.neutral(EU)}:{plan.ports.https} cannot be opened"):
            edge.start()
    socket.create_server((plan.api_gateway(US), plan.ports.https)).close()


def test_json_of_errors_is_json(plan: AddressPlan, edge: Edge, authority: CertificateAuthority) -> None:
    _, body = get(plan, authority, plan.api_gateway(US), "us-east-1.lever.example.org", "/")
    assert json.loads(body) == {"message": "Forbidden"}
