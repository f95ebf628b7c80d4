"""The quorum store's table is strongly consistent over three places, or it is refused: by what DynamoDB says of it."""

from typing import Any

import pytest

from failover.adapters.aws import AwsStore
from failover.adapters.aws import store as adapter
from failover.errors import StoreUnfitError, StoreUnreachableError
from tests.contract.services import SILENCE, answering, raising
from tests.products import QUORUM

FRANKFURT, LONDON, PARIS = QUORUM


def table(*others: str, witness: str | None = None, consistency: str | None = "STRONG") -> dict[str, Any]:
    """What ``DescribeTable`` answers in Frankfurt."""
    told: dict[str, Any] = {
        "TableName": "quorum",
        "TableArn": f"arn:aws:dynamodb:{FRANKFURT}:111122223333:table/quorum",
        "Replicas": [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in others],
    }
    told |= {"GlobalTableWitnesses": [{"RegionName": witness, "WitnessStatus": "ACTIVE"}]} if witness else {}
    return {"Table": told | ({"MultiRegionConsistency": consistency} if consistency else {})}


def require(answer: dict[str, Any]) -> None:
    with answering(adapter, {"describe_table": lambda **_: answer}):
        AwsStore("quorum", QUORUM).require_strong()


@pytest.mark.parametrize(
    "answer", [table(LONDON, PARIS), table(LONDON, witness=PARIS), table(FRANKFURT, LONDON, PARIS)]
)
def test_three_places_are_strong_with_a_witness_or_without(answer: dict[str, Any]) -> None:
    require(answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (table(LONDON, PARIS, consistency="EVENTUAL"), "MultiRegionConsistency is EVENTUAL; it must be STRONG"),
        (table(LONDON, PARIS, consistency=None), "the last writer would win"),
        (table(consistency=None), "deploy the quorum stack"),
        (table(LONDON), r"2 replicas \(eu-central-1, eu-west-2\) and 0 witnesses; it must have 3 places"),
    ],
)
def test_a_table_in_which_the_last_writer_wins_or_with_fewer_places_is_refused(
    answer: dict[str, Any], said: str
) -> None:
    with pytest.raises(StoreUnfitError, match=said):
        require(answer)


def test_a_replica_that_does_not_answer_proves_nothing() -> None:
    with answering(adapter, {"describe_table": raising(SILENCE[0])}), pytest.raises(StoreUnreachableError):
        AwsStore("quorum", QUORUM).require_strong()
