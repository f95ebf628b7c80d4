from __future__ import annotations

import pytest

from twin.dns.records import AliasTarget, GeoLocation, Policy, RecordSet, UnsupportedRecordError, Zone


def test_a_record_set_of_the_api_is_read_whole() -> None:
    parsed = RecordSet.parse(
        {
            "Name": "App.Quickstart.Example",
            "Type": "CNAME",
            "TTL": "20",
            "SetIdentifier": "eu",
            "Region": "eu-west-1",
            "ResourceRecords": ["eu-west-1.origin.quickstart.example"],
            "HealthCheckId": "hc-1",
        }
    )
    assert parsed == RecordSet(
        "app.quickstart.example.",
        "CNAME",
        20,
        ("eu-west-1.origin.quickstart.example",),
        set_identifier="eu",
        region="eu-west-1",
        health_check="hc-1",
    )
    assert parsed.policy is Policy.LATENCY


@pytest.mark.parametrize(
    ("fields", "policy"),
    [
        ({}, Policy.SIMPLE),
        ({"Weight": 0}, Policy.WEIGHTED),
        ({"Failover": "PRIMARY"}, Policy.FAILOVER),
        ({"MultiValueAnswer": True}, Policy.MULTIVALUE),
        ({"MultiValueAnswer": False}, Policy.SIMPLE),
        ({"GeoLocation": {"CountryCode": "*"}}, Policy.GEOLOCATION),
        ({"GeoProximityLocation": {"AWSRegion": "aws:route53:eu-west-1", "Bias": 10}}, Policy.GEOPROXIMITY),
    ],
)
def test_its_fields_say_the_policy(fields: dict[str, object], policy: Policy) -> None:
    assert RecordSet.parse({"Name": "a.example", "Type": "A", **fields}).policy is policy


def test_an_alias_and_a_location_are_read() -> None:
    parsed = RecordSet.parse(
        {
            "Name": "\\052.example",
            "Type": "A",
            "GeoLocation": {"ContinentCode": "EU"},
            "AliasTarget": {"HostedZoneId": "Z", "DNSName": "Target.Example", "EvaluateTargetHealth": True},
        }
    )
    assert parsed.name == "*.example."
    assert parsed.alias == AliasTarget("target.example.", evaluate_target_health=True)
    assert parsed.geolocation == GeoLocation(continent="EU")


def test_routing_that_is_not_emulated_is_refused_not_ignored() -> None:
    with pytest.raises(UnsupportedRecordError, match=r"a\.example: IP-based routing is not emulated"):
        RecordSet.parse({"Name": "a.example", "Type": "A", "CidrRoutingConfig": {"CollectionId": "c"}})
    with pytest.raises(UnsupportedRecordError, match="give an AWSRegion"):
        RecordSet.parse({"Name": "a.example", "Type": "A", "GeoProximityLocation": {"Coordinates": {}}})


@pytest.mark.parametrize(
    ("asked", "owner"),
    [
        ("example.", "example."),
        ("www.example.", "www.example."),
        ("deep.under.example.", "deep.under.example."),
        ("under.example.", "under.example."),
        ("anything.example.", "*.example."),
        ("a.b.anything.example.", "*.example."),
        ("other.under.example.", None),
        ("below.www.example.", None),
    ],
)
def test_a_wildcard_answers_only_below_the_closest_name_that_exists(asked: str, owner: str | None) -> None:
    names = ("www.example.", "deep.under.example.", "*.example.")
    zone = Zone.of("Z", "Example", [RecordSet(name, "A", 1, ("127.0.0.1",)) for name in names])
    assert zone.owner(asked) == owner
