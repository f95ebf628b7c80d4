"""What a region's own stack has for what a document says of data: logs of access, places to restore databases in."""

from functools import cache
from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk.assertions import Template

from failover.topology import Names
from stacks.constructs.data_key import DataKey
from stacks.constructs.data_names import DataNames
from stacks.constructs.network import Network
from stacks.constructs.object_store import ObjectStore
from stacks.constructs.restored_subnets import RestoredSubnets
from tests.infrastructure.kept import app, of_product
from tests.infrastructure.templates import properties
from tests.products import EU, quickstart


@cache
def own_bucket(*, logged: bool) -> dict[str, Any]:
    topology = quickstart()
    stack = Stack(app(), "Region", env=Environment(account=topology.account, region=EU))
    key = DataKey(stack, "Key", names=Names(topology))
    ObjectStore(stack, "Objects", names=Names(topology), region=EU, key=key, logged=logged)
    return dict(Template.from_stack(stack).to_json())


def test_who_reads_a_regions_own_bucket_is_written_down_where_it_is_asked_for() -> None:
    found = {each["BucketName"]: each for each in properties(own_bucket(logged=True), "AWS::S3::Bucket")}
    assert "LoggingConfiguration" in found["lifeboat-quickstart-111122223333-eu-west-1"]
    assert "quickstart-own-access-logs-111122223333-eu-west-1" in found
    (only,) = properties(own_bucket(logged=False), "AWS::S3::Bucket")
    assert "LoggingConfiguration" not in only


def test_s3_alone_writes_the_log_and_only_of_this_bucket() -> None:
    policies = properties(own_bucket(logged=True), "AWS::S3::BucketPolicy")
    allowed = [
        each for policy in policies for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"
    ]
    (statement,) = allowed
    assert statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert "aws:SourceArn" in statement["Condition"]["ArnLike"]


@pytest.mark.parametrize("product", ["reviews", "metro", "fleet", "triage"])
def test_databases_are_restored_for_a_test_into_isolated_subnets_of_their_own_region(product: str) -> None:
    topology = quickstart(name=product)
    stack = Stack(app(), "Region", env=Environment(account=topology.account, region=EU))
    names, network = DataNames(Names(topology)), Network(stack, "Network", cidr="10.20.0.0/16")
    RestoredSubnets(stack, "Restored", names=names, network=network)
    (group,) = properties(dict(Template.from_stack(stack).to_json()), "AWS::RDS::DBSubnetGroup")
    assert len(group["SubnetIds"]) == 3
    tried = properties(of_product(product)[f"backup-{EU}"], "AWS::Backup::RestoreTestingSelection")
    told = {
        each["RestoreMetadataOverrides"]["dbSubnetGroupName"]
        for each in tried
        if each["ProtectedResourceType"] in ("RDS", "Aurora")
    }
    assert told == {group["DBSubnetGroupName"]}
