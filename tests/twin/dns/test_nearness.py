"""A geoproximity record that a template deploys is one that the twin answers by."""

from typing import Any

from twin.aws.cloudformation.records import with_nearness
from twin.dns.records import GeoProximity, Policy, RecordSet


def ministacks(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in ("Name", "Type", "SetIdentifier") if name in properties}


def test_where_a_record_is_survives_its_deployment() -> None:
    told = {"Name": "read.q.example.", "Type": "CNAME", "SetIdentifier": "eu-west-1"}
    build = with_nearness(ministacks)
    near = RecordSet.parse(build({**told, "GeoProximityLocation": {"AWSRegion": "eu-west-1", "Bias": 10}}))
    assert near.policy is Policy.GEOPROXIMITY
    assert near.geoproximity == GeoProximity("eu-west-1", 10)
    assert RecordSet.parse(build(told)).policy is Policy.SIMPLE
