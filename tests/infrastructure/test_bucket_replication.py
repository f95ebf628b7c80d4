"""Promises on the custom resource that puts the replication rules on."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import moto
import pytest

from stacks.constructs import bucket_replication_handler as handler
from stacks.constructs.bucket_replication import HANDLER

PROPERTIES = {
    "Region": "us-east-1",
    "Bucket": "here",
    "Role": "arn:aws:iam::111122223333:role/copies",
    "Destinations": [
        {"Id": "eu-west-1", "Bucket": "arn:aws:s3:::there", "Key": "arn:aws:kms:eu-west-1:111122223333:alias/data"}
    ],
}


class _CloudFormation:
    """The address that CloudFormation gives for an answer, on loopback."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        answers = self.answers

        class Taking(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer"


@pytest.fixture
def cloudformation() -> Iterator[_CloudFormation]:
    told = _CloudFormation()
    serving = threading.Thread(target=told.server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield told
    told.server.shutdown()
    serving.join(timeout=5)
    told.server.server_close()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, cloudformation: _CloudFormation) -> Iterator[Any]:
    with moto.mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        client = boto3.client("s3", region_name="us-east-1")
        for bucket in ("here", "there"):
            client.create_bucket(Bucket=bucket)
        yield client


def _event(cloudformation: _CloudFormation, kind: str) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": cloudformation.url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Rules",
        "ResourceProperties": PROPERTIES,
    }


def _versioned(s3: Any, *buckets: str) -> None:
    for bucket in buckets:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def test_the_rules_are_put_on(s3: Any, cloudformation: _CloudFormation) -> None:
    _versioned(s3, "here", "there")
    handler.handle(_event(cloudformation, "Create"), None)
    (answer,) = cloudformation.answers
    assert answer["Status"] == "SUCCESS", answer
    assert answer["PhysicalResourceId"] == "replication-of-here"
    (rule,) = s3.get_bucket_replication(Bucket="here")["ReplicationConfiguration"]["Rules"]
    assert rule["Destination"]["Bucket"] == "arn:aws:s3:::there"
    assert rule["Status"] == "Enabled"


def test_putting_them_on_twice_changes_nothing(s3: Any, cloudformation: _CloudFormation) -> None:
    _versioned(s3, "here", "there")
    for kind in ("Create", "Update"):
        handler.handle(_event(cloudformation, kind), None)
    assert [answer["Status"] for answer in cloudformation.answers] == ["SUCCESS", "SUCCESS"]
    assert len({answer["PhysicalResourceId"] for answer in cloudformation.answers}) == 1


def test_they_are_taken_off_with_the_resource(s3: Any, cloudformation: _CloudFormation) -> None:
    _versioned(s3, "here", "there")
    for kind in ("Create", "Delete"):
        handler.handle(_event(cloudformation, kind), None)
    assert cloudformation.answers[-1]["Status"] == "SUCCESS"
    with pytest.raises(s3.exceptions.ClientError, match="ReplicationConfigurationNotFound"):
        s3.get_bucket_replication(Bucket="here")


def test_a_refusal_fails_the_deployment_and_says_why(s3: Any, cloudformation: _CloudFormation) -> None:
    handler.handle(_event(cloudformation, "Create"), None)  # without versioning S3 refuses
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "ersioning" in answer["Reason"]


def test_the_handler_fits_into_a_template() -> None:
    assert len(HANDLER.read_text()) <= 4096
