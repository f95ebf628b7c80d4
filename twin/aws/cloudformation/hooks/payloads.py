"""What a hook is told of a change, as "Create Lambda functions to evaluate resources for Lambda Hooks" has it.

It lies in S3, in an account of CloudFormation's own, and the hook gets a signed link.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from ministack.core.responses import get_region, new_uuid, request_scope
from ministack.services import s3

CLOUDFORMATION: Final = "999999999999"
LINK_SECONDS: Final = 300
ACTIONS: Final = {"Add": "CREATE", "Import": "CREATE", "Modify": "UPDATE", "Remove": "DELETE"}

Document = dict[str, Any]


def of_stack(template: str, previous: str) -> Document:
    """Return what is told of a stack's operation; both are empty when it is deleted."""
    return {"template": template, "previousTemplate": previous}


def of_change_set(template: str, changes: list[Document], before: Document, after: Document) -> Document:
    """Return what is told of a change set; ``before`` and ``after`` are templates whose references are resolved."""
    return {
        "template": template,
        "changedResources": [_changed(each["ResourceChange"], before, after) for each in changes],
    }


def _changed(change: Document, before: Document, after: Document) -> Document:
    name = change["LogicalResourceId"]
    return {
        "logicalResourceId": name,
        "resourceType": change["ResourceType"],
        "action": ACTIONS[change["Action"]],
        "lineNumber": None,
        "beforeContext": _context(before, name),
        "afterContext": _context(after, name),
    }


def _context(template: Document, name: str) -> str | None:
    resource = (template.get("Resources") or {}).get(name)
    return None if resource is None else json.dumps({"Properties": _strings(resource.get("Properties") or {})})


def _strings(value: Any) -> Any:
    """Numbers and truths are strings there."""
    if isinstance(value, dict):
        return {key: _strings(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_strings(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) or value is None else str(value)


@contextmanager
def laid_out(payload: Document, endpoint: Callable[[str], str]) -> Iterator[str]:
    """Put a payload into S3 and give the link to it, for as long as the hook is being asked."""
    region = get_region()
    bucket, key = f"cloudformation-hooks-{region}", f"{new_uuid()}.json"
    with request_scope(CLOUDFORMATION, region):
        if bucket not in s3._buckets:
            s3._create_bucket(bucket, b"")
        s3._put_object(bucket, key, json.dumps(payload).encode(), {})
    signing = boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint(region),
        aws_access_key_id=CLOUDFORMATION,
        aws_secret_access_key="any",  # noqa: S106 - the emulated account takes any
        config=Config(s3={"addressing_style": "path"}),
    )
    try:
        yield signing.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=LINK_SECONDS)
    finally:
        signing.close()
        with request_scope(CLOUDFORMATION, region):
            s3._buckets[bucket]["objects"].pop(key, None)
