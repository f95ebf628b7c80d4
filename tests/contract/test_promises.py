"""A control region's promises, in memory and in a table; and guards that ask control regions through Lambda."""

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from failover.adapters.aws import AwsPromisers, AwsPromises
from failover.adapters.aws import promises as promises_adapter
from failover.adapters.memory import MemoryPromisers, MemoryPromises
from failover.errors import ChangedMeanwhileError, LocalTableUnreachableError, PromiseRefusedError
from failover.plain import as_plain, from_plain
from failover.promises import Acting, Promise, PromiseRecord, Promisers, Promises
from failover.records import Position
from failover.topology import Names
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, US, quickstart

TOPOLOGY = quickstart()
NAMES = Names(TOPOLOGY)
PROMISE = Promise("orders", US, 3, Position(4711, 1767268800.25), 20.0)
WHOLE = PromiseRecord("orders", 1, PROMISE, Acting(2, "us-east-1-7", 4))


class TestPromises:
    @pytest.fixture(params=["memory", "aws"])
    def promises(self, request: pytest.FixtureRequest) -> Promises:
        if request.param == "memory":
            return MemoryPromises()
        request.getfixturevalue("aws")
        boto3.client("dynamodb", EU).create_table(
            TableName=NAMES.local_table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        return AwsPromises(NAMES.local_table, EU)

    def test_nothing_was_promised_at_first(self, promises: Promises) -> None:
        assert promises.read("orders") == PromiseRecord("orders")

    def test_what_was_written_is_read(self, promises: Promises) -> None:
        assert promises.change(promises.read("orders"), WHOLE) == WHOLE
        assert promises.read("orders") == WHOLE
        assert promises.read("invoices") == PromiseRecord("invoices")

    def test_of_two_who_have_read_the_same_one_writes(self, promises: Promises) -> None:
        for written in (1, 2, 3):
            seen = promises.read("orders")
            assert promises.change(seen, WHOLE).version == written
            with pytest.raises(ChangedMeanwhileError):
                promises.change(seen, PromiseRecord("orders"))
            assert promises.read("orders").promise == PROMISE

    @pytest.mark.parametrize("error", [*SILENCE, refusal("Throttling"), refusal("InternalServerError", 500)])
    def test_a_table_that_gives_no_clear_answer(self, error: Exception) -> None:
        promises = AwsPromises("local", EU)
        with answering(promises_adapter, {"put_item": raising(error), "get_item": raising(error)}) as asked:
            with pytest.raises(LocalTableUnreachableError, match=f"local in {EU}"):
                promises.read("orders")
            with pytest.raises(LocalTableUnreachableError, match=f"local in {EU}"):
                promises.change(PromiseRecord("orders"), WHOLE)
        assert set(asked) == {("dynamodb", EU)}


def told(document: Any, **more: Any) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(document).encode()), **more}


def refused(**_asked: Any) -> dict[str, Any]:
    return told({"errorType": "PromiseRefusedError", "errorMessage": "acting"}, FunctionError="Unhandled")


class TestPromisers:
    def of(self, answer: Callable[..., Any], adapter: str) -> Promisers:
        if adapter == "aws":
            with answering(promises_adapter, {"invoke": answer}) as asked:
                promisers = AwsPromisers(TOPOLOGY)
            assert asked == [("lambda", region) for region in TOPOLOGY.control_regions]
            return promisers

        def give(_promise: Promise) -> None:
            if answer is refused:
                raise PromiseRefusedError("acting")

        return MemoryPromisers(dict.fromkeys(TOPOLOGY.control_regions, give))

    @pytest.mark.parametrize("adapter", ["memory", "aws"])
    def test_every_control_region_answers_for_itself(self, adapter: str) -> None:
        assert self.of(lambda **_asked: told({"version": 1}), adapter).ask(PROMISE) == {US: "", EU: "", AP: ""}

    @pytest.mark.parametrize("adapter", ["memory", "aws"])
    def test_a_refusal_is_told_with_its_name(self, adapter: str) -> None:
        answers = self.of(refused, adapter).ask(PROMISE)
        assert answers == dict.fromkeys((US, EU, AP), "PromiseRefusedError: acting")

    @pytest.mark.parametrize(
        "answer",
        [
            *(raising(error) for error in SILENCE),
            raising(refusal("ResourceNotFoundException")),
            lambda **_asked: told(None),
            lambda **_asked: told({}),
            lambda **_asked: told("promised"),
            lambda **_asked: {"Payload": io.BytesIO(b"")},
            lambda **_asked: {},
        ],
    )
    def test_anything_but_a_clear_answer_is_none(self, answer: Callable[..., Any]) -> None:
        assert all(self.of(answer, "aws").ask(PROMISE).values())

    def test_they_are_asked_for_this_very_promise(self) -> None:
        calls: list[dict[str, Any]] = []

        def invoke(**asked: Any) -> dict[str, Any]:
            calls.append(asked)
            return told({"version": 1})

        self.of(invoke, "aws").ask(PROMISE)
        assert {call["FunctionName"] for call in calls} == {NAMES.function("give_promise")}
        assert [from_plain(Promise, json.loads(call["Payload"])["promise"]) for call in calls] == [PROMISE] * 3
        assert as_plain(PROMISE)["position"] == {"lsn": 4711, "at": 1767268800.25}
