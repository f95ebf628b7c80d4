from __future__ import annotations

from typing import Any

import pytest

from twin.aws.calls import Call, CallCounter, Request, call_of

SIGNED = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "form", "action"),
    [
        ("dynamodb", "POST", "/", {"x-amz-target": "DynamoDB_20120810.PutItem"}, b"", "PutItem"),
        (
            "rds",
            "POST",
            "/",
            {"content-type": FORM},
            b"Action=PromoteReadReplica&Version=2014-10-31",
            "PromoteReadReplica",
        ),
        ("lambda", "POST", "/2015-03-31/functions/f/invocations", {}, b"", "Invoke"),
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", {}, b"", "ChangeResourceRecordSets"),
        (
            "monitoring",
            "POST",
            "/service/GraniteServiceVersion20100801/operation/PutMetricData",
            {},
            b"",
            "PutMetricData",
        ),
        ("s3", "PUT", "/bucket/key", {}, b"", "PutObject"),
        ("apigateway", "GET", "/v2/apis", {}, b"", "GetApis"),
        ("unheard-of", "DELETE", "/what/is/this", {}, b"", "DELETE"),
    ],
)
def test_a_call_is_named_by_its_protocol(
    service: Any, method: Any, path: Any, headers: Any, form: Any, action: Any
) -> None:
    request = Request(method, path, "", {**headers, "authorization": SIGNED.format(service)}, form)
    assert call_of(request, "us-east-1") == Call("us-east-1", "eu-west-1", service, action)


def test_a_presigned_call_is_told_by_its_query() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=1%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    call = call_of(Request("GET", "/bucket/key", query, {}), "operator")
    assert (call.target, call.service) == ("eu-west-1", "s3")


def test_an_unsigned_call_stays_in_its_region() -> None:
    assert call_of(Request("GET", "/levers/us-east-1", "", {}), "eu-west-1").target == "eu-west-1"


def test_calls_are_counted_by_whatever_is_asked() -> None:
    counter = CallCounter()
    for action in ("PutItem", "PutItem", "GetItem"):
        counter.add(Call("us-east-1", "eu-west-1", "dynamodb", action))
    before = counter.counts()
    counter.add(Call("operator", "us-east-1", "route53", "ListHostedZones"))
    assert counter.count(service="dynamodb", action="PutItem") == 2
    assert counter.count(source="operator") == 1
    assert counter.since(before) == {Call("operator", "us-east-1", "route53", "ListHostedZones"): 1}
