"""A function's surroundings, as Lambda gives them."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from runtime import entry


def context() -> Any:
    """What Lambda passes beside the event."""
    return SimpleNamespace(
        function_name="lifeboat-quickstart-promote-database",
        memory_limit_in_mb=1769,
        invoked_function_arn="arn:aws:lambda:eu-west-1:111122223333:function:x",
        aws_request_id="request-1",
        get_remaining_time_in_millis=lambda: 10_000,
    )


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """The lines that the functions' logger writes, read as JSON when the block ends."""
    stream, lines = io.StringIO(), list[dict[str, Any]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry.logger.registered_handler, "stream", stream)
        yield lines
    lines.extend(json.loads(line) for line in stream.getvalue().splitlines())


def counted(output: str) -> dict[str, float]:
    """The metrics of a function's standard output, which CloudWatch reads in its embedded format."""
    told: dict[str, float] = {}
    for line in output.splitlines():
        if "_aws" not in line:
            continue
        document = json.loads(line)
        for group in document["_aws"]["CloudWatchMetrics"]:
            told.update({each["Name"]: sum(document[each["Name"]]) for each in group["Metrics"]})
    return told
