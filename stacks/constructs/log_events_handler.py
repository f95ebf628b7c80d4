"""Opens what a log subscription put into the stream and hands on each event, with the region that it came from."""

import base64
import gzip
import json
import os
from collections.abc import Iterator
from typing import Any

import boto3

MOST_AT_ONCE = 500
"""Firehose takes so many records, and 4 MiB, with one call (PutRecordBatch)."""
MOST_BYTES = 3_500_000

firehose = boto3.client("firehose")


def handle(event: dict[str, Any], _context: object) -> None:
    """Hand every event on; what was not taken fails the batch, and Kinesis brings it again."""
    for batch in batches(each for record in event["Records"] for each in events(record["kinesis"]["data"])):
        answer = firehose.put_record_batch(
            DeliveryStreamName=os.environ["DELIVERY_STREAM"], Records=[{"Data": each} for each in batch]
        )
        if answer["FailedPutCount"]:
            raise RuntimeError(f"{answer['FailedPutCount']} of {len(batch)} events were not taken; they come again")


def events(data: str) -> Iterator[bytes]:
    """Yield each event of a record as one line of JSON; a test of the way by CloudWatch Logs has none."""
    told = json.loads(gzip.decompress(base64.b64decode(data)))
    if told["messageType"] != "DATA_MESSAGE":
        return
    region = told["subscriptionFilters"][0].rpartition("-from-")[2]
    for each in told["logEvents"]:
        place = {
            "region": region,
            "log": told["logGroup"],
            "stream": told["logStream"],
            "@timestamp": each["timestamp"],
        }
        yield json.dumps(place | structured(each["message"])).encode() + b"\n"


def structured(message: str) -> dict[str, Any]:
    """Return what a line says: its own JSON under ``event``, or its text."""
    try:
        told = json.loads(message)
    except ValueError:
        told = None
    return {"event": told} if isinstance(told, dict) else {"text": message.rstrip()}


def batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Put lines together into as few calls as Firehose allows."""
    batch: list[bytes] = []
    held = 0
    for line in lines:
        if batch and (len(batch) == MOST_AT_ONCE or held + len(line) > MOST_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(line)
        held += len(line)
    if batch:
        yield batch
