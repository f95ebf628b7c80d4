"""Answers a question about a stack that changes when the change is through, so that nobody polls in vain.

The CDK's command asks DescribeStacks, and when the stack is not there yet, again after five seconds: most of
a deployment's time would be spent waiting for the next question. An answer that takes its time is as true.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.services.cloudformation import changesets, handlers

MOST_SECONDS: Final = 20.0
GLANCE_SECONDS: Final = 0.02


def patient(handle: Callable[..., Any]) -> Callable[..., Any]:
    """Return CloudFormation's handler, patient with DescribeStacks of one stack and with DescribeChangeSet."""

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        form = parse_qs(body.decode("utf-8", "replace")) if method == "POST" else {}
        if form.get("Action") == ["DescribeStacks"] and form.get("StackName"):
            until = time.monotonic() + MOST_SECONDS
            while _changes(form["StackName"][0]) and time.monotonic() < until:
                await asyncio.sleep(GLANCE_SECONDS)
        if form.get("Action") == ["DescribeChangeSet"] and form.get("ChangeSetName"):
            asked = (form["ChangeSetName"][0], form.get("StackName", [""])[0])
            until = time.monotonic() + MOST_SECONDS
            while _is_judged(*asked) and time.monotonic() < until:
                await asyncio.sleep(GLANCE_SECONDS)
        return await handle(method, path, headers, body, query)

    return handle_request


def _is_judged(change_set: str, stack: str) -> bool:
    """Whether hooks are being asked about it."""
    _, found = changesets._find_change_set(change_set, str((handlers._resolve_stack(stack) or {}).get("StackName", "")))
    return bool(found) and found["Status"] == "CREATE_IN_PROGRESS"


def _changes(stack: str) -> bool:
    status = str((handlers._resolve_stack(stack) or {}).get("StackStatus", ""))
    # A change set that waits to be executed stays so until somebody asks for it.
    return status.endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
