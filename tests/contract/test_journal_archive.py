"""The whole function, on moto: what is appended to the quorum store is soon in the locked bucket."""

import ast
import importlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from failover import procedures
from failover.adapters.aws.journal import PREFIX
from failover.adapters.system import SystemClock
from failover.errors import ArchiveNotKeptError, JournalTamperedError, StoreUnreachableError
from failover.plain import from_plain
from failover.records import JournalEntry
from runtime import wiring
from tests.contract.conftest import TABLE, MotosStore, make_table
from tests.products import EU, QUORUM, quickstart
from tests.unit.runtime.functions import context

SOURCES = Path(procedures.__file__).parents[1]
BUCKET = "lifeboat-quickstart-audit"
CACHED = (wiring.topology, wiring.here, wiring.ports, wiring.journals)


def kinds() -> list[str]:
    """Words in capitals that are arguments of calls in the control plane: all kinds of lines, and a few more."""
    calls = [
        node
        for folder in ("procedures", "observation")
        for file in (SOURCES / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    arguments = [inner for call in calls for each in (*call.args, *call.keywords) for inner in ast.walk(each)]
    words = {each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return sorted(word for word in words if word.isupper() and len(word) > 3)


@pytest.fixture
def store(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MotosStore]:
    make_table(QUORUM[0])
    make_bucket(BUCKET)
    told = {"AWS_REGION": EU, "LIFEBOAT_BUCKET": BUCKET, "LIFEBOAT_QUORUM_TABLE": TABLE}
    for name, value in {**told, "LIFEBOAT_QUORUM_REGIONS": json.dumps(QUORUM[:1])}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "topology", quickstart)
    for made in CACHED[1:]:
        made.cache_clear()
    yield MotosStore(TABLE, QUORUM[:1])
    for made in CACHED[1:]:
        made.cache_clear()


def make_bucket(name: str) -> None:
    boto3.client("s3", EU).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": EU}, ObjectLockEnabledForBucket=True
    )


def archive(*, whole: bool = False) -> int:
    handle = importlib.import_module("archive_journal.handler").handle
    kept: int = handle({"whole": whole}, context())["kept"]
    return kept


def entries() -> list[JournalEntry]:
    s3 = boto3.client("s3", EU)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=PREFIX).get("Contents", ())]
    objects = [json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys]
    return [from_plain(JournalEntry, json.loads(each["document"])) for each in objects]


def test_every_kind_of_line_arrives_as_it_was_written(store: MotosStore) -> None:
    now, wanted = SystemClock().now(), kinds()
    assert {"PROMOTED", "VOTE", "DECISION", "ADMITTED", "CONSENT", "PAUSED", "TROUBLE"} <= set(wanted)
    lines = [JournalEntry(now + timedelta(milliseconds=at), EU, kind, kind) for at, kind in enumerate(wanted)]
    for line in lines:
        store.append(line)
    assert archive() == len(lines)
    assert entries() == lines
    assert archive() == 0


def test_the_nightly_run_brings_what_the_minutes_missed(store: MotosStore) -> None:
    store.append(JournalEntry(SystemClock().now() - timedelta(days=2), EU, "OUTCOME", "a line of long ago"))
    assert archive() == 0
    assert archive(whole=True) == 1


def test_a_line_that_somebody_changes_in_the_store_fails_the_run(store: MotosStore) -> None:
    store.append(JournalEntry(SystemClock().now(), EU, "CONSENT", "sam consented"))
    archive()
    table = boto3.resource("dynamodb", QUORUM[0]).Table(TABLE)
    (item,) = table.scan()["Items"]
    table.put_item(Item={**item, "document": str(item["document"]).replace("sam", "alex")})
    with pytest.raises(JournalTamperedError, match="changed since they were kept"):
        archive()
    assert {entry.text for entry in entries()} == {"sam consented", "alex consented"}


def test_a_line_that_somebody_deletes_from_the_store_fails_the_run(store: MotosStore) -> None:
    store.append(JournalEntry(SystemClock().now(), EU, "CONSENT", "sam consented"))
    archive()
    table = boto3.resource("dynamodb", QUORUM[0]).Table(TABLE)
    (item,) = table.scan()["Items"]
    table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    with pytest.raises(JournalTamperedError, match="taken away"):
        archive(whole=True)


@pytest.mark.usefixtures("store")
def test_a_table_or_a_bucket_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEBOAT_QUORUM_TABLE", "another")
    with pytest.raises(StoreUnreachableError, match="no replica of another answered"):
        archive()
    wiring.journals.cache_clear()
    monkeypatch.setenv("LIFEBOAT_BUCKET", "nobodys")
    with pytest.raises(ArchiveNotKeptError, match="s3://nobodys cannot be listed: NoSuchBucket"):
        archive()
