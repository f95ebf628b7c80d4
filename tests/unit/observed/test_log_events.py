"""The function that opens log events: real records of a subscription, a fake Firehose."""

import base64
import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from stacks.constructs.log_search import HANDLER


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The file as Lambda gets it, a text of its own."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("DELIVERY_STREAM", "search")
    spec = importlib.util.spec_from_file_location("index", Path(HANDLER))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Firehose:
    def __init__(self, refused: int = 0) -> None:
        self.refused, self.calls = refused, list[list[bytes]]()

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, int]:  # noqa: N803
        assert DeliveryStreamName == "search"
        self.calls.append([each["Data"] for each in Records])
        return {"FailedPutCount": self.refused}


def record(*messages: str, kind: str = "DATA_MESSAGE", region: str = "eu-west-1") -> dict[str, Any]:
    told = {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "/lifeboat/reviews/application",
        "logStream": "pod-1",
        "subscriptionFilters": [f"lifeboat-reviews-from-{region}"],
        "logEvents": [{"id": str(n), "timestamp": 1000 + n, "message": each} for n, each in enumerate(messages)],
    }
    return {"kinesis": {"data": base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()}}


def test_each_event_of_a_record_is_a_line_of_its_own_with_its_region(handler: Any) -> None:
    handler.firehose = firehose = Firehose()
    handler.handle(
        {"Records": [record('{"level": "INFO", "user": 7}', "plain text\n"), record("more", region="us-east-1")]}, None
    )
    (lines,) = firehose.calls
    told = [json.loads(each) for each in lines]
    assert all(each.endswith(b"\n") for each in lines)
    assert [each["region"] for each in told] == ["eu-west-1", "eu-west-1", "us-east-1"]
    assert told[0]["event"] == {"level": "INFO", "user": 7}
    assert (told[1]["text"], told[1]["@timestamp"], told[1]["log"]) == (
        "plain text",
        1001,
        "/lifeboat/reviews/application",
    )


def test_what_is_json_and_no_object_is_text(handler: Any) -> None:
    assert handler.structured("42") == {"text": "42"}


def test_a_test_of_the_way_is_no_event(handler: Any) -> None:
    handler.firehose = firehose = Firehose()
    handler.handle({"Records": [record("checking health", kind="CONTROL_MESSAGE")]}, None)
    assert firehose.calls == []


def test_many_events_go_in_as_many_calls_as_firehose_asks_for(handler: Any) -> None:
    handler.firehose = firehose = Firehose()
    handler.handle({"Records": [record(*["x" * 10] * 1200)]}, None)
    assert [len(each) for each in firehose.calls] == [500, 500, 200]
    handler.firehose = firehose = Firehose()
    handler.handle({"Records": [record(*["x" * 200_000] * 40)]}, None)
    assert all(sum(map(len, each)) <= 4 * 1024**2 for each in firehose.calls)
    assert sum(map(len, firehose.calls)) == 40


def test_what_was_not_taken_comes_again(handler: Any) -> None:
    handler.firehose = Firehose(refused=1)
    with pytest.raises(RuntimeError, match="1 of 2 events"):
        handler.handle({"Records": [record("one", "two")]}, None)
