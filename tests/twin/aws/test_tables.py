from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from failover.adapters.aws import AwsStore
from failover.adapters.aws import store as store_adapter
from failover.errors import StoreUnfitError
from tests.twin.aws.conftest import Client, DeployStack, Reasons
from twin.aws import EmulatedAws, Failure
from twin.network import AddressPlan, claim_ports

US, FRANKFURT, LONDON, PARIS = "us-east-1", "eu-central-1", "eu-west-2", "eu-west-3"
KEY = {"id": {"S": "control"}}
ABSENT = "attribute_not_exists(id)"


@pytest.fixture
def plan() -> Iterator[Any]:
    plan = AddressPlan((US, FRANKFURT, LONDON, PARIS), ())
    with claim_ports(lambda ports: plan.with_ports(ports).listeners()) as claim:
        yield plan.with_ports(claim.ports)


@pytest.fixture
def aws(plan: AddressPlan) -> Iterator[Any]:
    with EmulatedAws(plan, preload=()) as running:
        yield running


def table(regions: Any = (FRANKFURT, LONDON, PARIS), **fields: Any) -> Any:
    properties = {
        "TableName": "quorum",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "MultiRegionConsistency": "STRONG",
        "Replicas": [{"Region": region} for region in regions],
        **fields,
    }
    return {"Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}


def put(store: Any, value: Any, condition: Any = None) -> None:
    item = KEY | {"value": {"S": value}}
    store.put_item(TableName="quorum", Item=item, **({"ConditionExpression": condition} if condition else {}))


def read(store: Any, **fields: Any) -> Any:
    return store.get_item(TableName="quorum", Key=KEY, **fields).get("Item", {}).get("value", {}).get("S")


def test_every_replica_sees_a_write_when_it_is_answered(client: Client, deploy: DeployStack) -> None:
    assert deploy(table(), FRANKFURT)["StackStatus"] == "CREATE_COMPLETE"
    put(client("dynamodb", LONDON), "written in London")
    assert {read(client("dynamodb", region), ConsistentRead=True) for region in (FRANKFURT, LONDON, PARIS)} == {
        "written in London"
    }
    client("dynamodb", PARIS).delete_item(TableName="quorum", Key=KEY)
    assert read(client("dynamodb", FRANKFURT)) is None
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        read(client("dynamodb", US))


def test_of_all_who_write_on_a_condition_in_any_region_one_wins(client: Client, deploy: DeployStack) -> None:
    deploy(table(), FRANKFURT)
    won, lost = [], []

    def compete(region: str, number: Any) -> None:
        try:
            put(client("dynamodb", region, patience=9), f"{region}/{number}", ABSENT)
            won.append(f"{region}/{number}")
        except ClientError as exc:
            lost.append(exc.response["Error"]["Code"])

    threads = [
        threading.Thread(target=compete, args=(region, n)) for n in range(5) for region in (FRANKFURT, LONDON, PARIS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert lost == ["ConditionalCheckFailedException"] * 14
    assert read(client("dynamodb", PARIS)) == won[0]


def test_a_write_needs_two_of_three_places_and_a_lost_one_has_it_when_it_is_back(
    aws: EmulatedAws, client: Client, deploy: DeployStack
) -> None:
    deploy(table(), FRANKFURT)
    aws.outages.region_down(FRANKFURT, Failure.RESET)
    put(client("dynamodb", LONDON), "two of three")
    aws.outages.region_down(PARIS, Failure.RESET)
    with pytest.raises(ClientError, match="InternalServerError"):
        put(client("dynamodb", LONDON), "alone")
    with pytest.raises(ClientError, match="InternalServerError"):
        read(client("dynamodb", LONDON), ConsistentRead=True)
    assert read(client("dynamodb", LONDON)) == "two of three"
    aws.outages.heal_all()
    assert read(client("dynamodb", FRANKFURT), ConsistentRead=True) == "two of three"


def test_an_isolated_replica_refuses_and_the_others_go_on(
    aws: EmulatedAws, client: Client, deploy: DeployStack
) -> None:
    deploy(table(), FRANKFURT)
    aws.outages.isolate(PARIS)
    with pytest.raises(ClientError, match="InternalServerError"):
        put(client("dynamodb", PARIS), "alone")
    put(client("dynamodb", LONDON), "two of three")


def test_a_witness_counts_and_answers_nothing(aws: EmulatedAws, client: Client, deploy: DeployStack) -> None:
    deploy(table((FRANKFURT, LONDON), GlobalTableWitnesses=[{"Region": PARIS}]), FRANKFURT)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        read(client("dynamodb", PARIS))
    aws.outages.region_down(LONDON, Failure.RESET)
    put(client("dynamodb", FRANKFURT), "with the witness")


def test_transactions_are_refused(client: Client, deploy: DeployStack) -> None:
    deploy(table(), FRANKFURT)
    with pytest.raises(ClientError, match="not supported on a table with multi-Region strong consistency"):
        client("dynamodb", LONDON).transact_write_items(TransactItems=[{"Put": {"TableName": "quorum", "Item": KEY}}])


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (table((FRANKFURT, LONDON)), "3 places"),
        (table((FRANKFURT, LONDON, US)), "one region set"),
        (table((LONDON, PARIS), GlobalTableWitnesses=[{"Region": FRANKFURT}]), "own region"),
        (table(TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True}), "TimeToLive"),
    ],
)
def test_a_table_that_dynamodb_would_refuse_fails_the_stack(
    deploy: DeployStack, reasons: Reasons, resources: Any, reason: Any
) -> None:
    stack = deploy(resources, FRANKFURT)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(reason in told for told in reasons(FRANKFURT))


def test_a_table_says_how_consistent_it_is(
    client: Client, deploy: DeployStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``lifeboat init`` asks before it writes anything."""
    deploy(table((FRANKFURT, LONDON), GlobalTableWitnesses=[{"Region": PARIS}]), FRANKFURT)
    told = client("dynamodb", LONDON).describe_table(TableName="quorum")["Table"]
    assert told["MultiRegionConsistency"] == "STRONG"
    assert told["GlobalTableWitnesses"] == [{"RegionName": PARIS, "WitnessStatus": "ACTIVE"}]
    monkeypatch.setattr(store_adapter, "client", lambda service, region, *_: client(service, region))
    AwsStore("quorum", (LONDON, FRANKFURT)).require_strong()


def test_a_global_table_in_which_the_last_writer_wins_is_refused_as_quorum_store(
    client: Client, deploy: DeployStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(table(MultiRegionConsistency="EVENTUAL"), FRANKFURT)
    monkeypatch.setattr(store_adapter, "client", lambda service, region, *_: client(service, region))
    with pytest.raises(StoreUnfitError, match="must be STRONG"):
        AwsStore("quorum", (FRANKFURT, LONDON, PARIS)).require_strong()
