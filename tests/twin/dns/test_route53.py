from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from ministack.core.responses import request_scope
from ministack.services import route53

from twin.dns.answers import Answers, Sources
from twin.dns.records import UnsupportedRecordError
from twin.dns.route53 import EmulatedRoute53

ACCOUNT = "111122223333"


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


@pytest.fixture
def client() -> Iterator[Any]:
    """The AWS SDK over MiniStack's Route 53, without a listener between them."""
    route53.reset()
    made = boto3.client("route53", region_name="us-east-1", aws_access_key_id=ACCOUNT, aws_secret_access_key="x")

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        with request_scope(ACCOUNT, "us-east-1"):
            path = request.url.partition("amazonaws.com")[2].partition("?")[0]
            body = request.body.encode() if isinstance(request.body, str) else request.body or b""
            status, headers, answer = asyncio.run(route53.handle_request(request.method, path, "", body, {}))
        return AWSResponse(request.url, status, headers, _Raw(answer))

    made.meta.events.register("before-send.route53.*", send)
    yield made
    route53.reset()


def zone_of(client: Any) -> str:
    created = client.create_hosted_zone(Name="q.example", CallerReference=str(uuid.uuid4()))
    return str(created["HostedZone"]["Id"]).rpartition("/")[2]


def change(client: Any, zone: str, action: str, **record: Any) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": {"Type": "A", "TTL": 20, **record}}]}
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def addresses(data_plane: EmulatedRoute53, name: str) -> tuple[str, ...]:
    return Answers(Sources(data_plane.zones, lambda _: True)).reply(name, "A", "eu-west-1").addresses


def test_what_the_api_wrote_is_answered_and_its_change_at_once(client: Any) -> None:
    zone, data_plane = zone_of(client), EmulatedRoute53(ACCOUNT)
    change(client, zone, "CREATE", Name="app.q.example", ResourceRecords=[{"Value": "127.0.1.2"}])
    assert addresses(data_plane, "app.q.example") == ("127.0.1.2",)
    change(client, zone, "UPSERT", Name="app.q.example", ResourceRecords=[{"Value": "127.0.2.2"}])
    assert addresses(data_plane, "app.q.example") == ("127.0.2.2",)


def test_a_policy_survives_the_way_through_the_api(client: Any) -> None:
    zone, data_plane = zone_of(client), EmulatedRoute53(ACCOUNT)
    for region, address in (("us-east-1", "127.0.1.2"), ("eu-west-1", "127.0.2.2")):
        change(
            client,
            zone,
            "CREATE",
            Name="app.q.example",
            SetIdentifier=region,
            Region=region,
            ResourceRecords=[{"Value": address}],
        )
    assert addresses(data_plane, "app.q.example") == ("127.0.2.2",)


def test_an_unchanged_zone_is_not_read_again(client: Any) -> None:
    zone_of(client)
    data_plane = EmulatedRoute53(ACCOUNT)
    assert data_plane.zones() is data_plane.zones()


def test_another_accounts_zones_are_not_ours(client: Any) -> None:
    zone_of(client)
    assert EmulatedRoute53("999999999999").zones() == ()


def test_a_record_that_is_not_emulated_is_refused_by_name(client: Any) -> None:
    zone = zone_of(client)
    change(
        client,
        zone,
        "CREATE",
        Name="cidr.q.example",
        SetIdentifier="one",
        ResourceRecords=[{"Value": "127.0.1.2"}],
        CidrRoutingConfig={"CollectionId": str(uuid.uuid4()), "LocationName": "home"},
    )
    with pytest.raises(UnsupportedRecordError, match=r"cidr\.q\.example"):
        EmulatedRoute53(ACCOUNT).zones()


def test_health_checks_come_and_go(client: Any) -> None:
    data_plane = EmulatedRoute53(ACCOUNT)
    config = {
        "Type": "HTTPS_STR_MATCH",
        "FullyQualifiedDomainName": "us-east-1.lever.q.example",
        "ResourcePath": "/levers/eu-west-1",
        "SearchString": "evacuated",
        "RequestInterval": 10,
        "FailureThreshold": 1,
        "Inverted": True,
    }
    made = client.create_health_check(CallerReference=str(uuid.uuid4()), HealthCheckConfig=config)
    check = made["HealthCheck"]["Id"]
    assert data_plane.health_checks() == {check: config}
    client.update_health_check(HealthCheckId=check, FailureThreshold=2)
    assert data_plane.health_checks()[check]["FailureThreshold"] == 2
    client.delete_health_check(HealthCheckId=check)
    assert data_plane.health_checks() == {}
