"""Finds the key that an alias names in another region, as a CloudFormation custom resource."""

import json
import urllib.request
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> None:
    """Do what the request asks and tell CloudFormation; a fault is told too, or the stack would wait an hour."""
    told = event["ResourceProperties"]
    answer: dict[str, Any] = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": f"{told['Alias']} in {told['Region']}"}
    try:
        if event["RequestType"] != "Delete":
            answer["Data"] = {"Arn": arn_of(told["Alias"], told["Region"])}
    except Exception as fault:  # noqa: BLE001 - every fault is CloudFormation's to know
        answer |= {"Status": "FAILED", "Reason": f"{type(fault).__name__}: {fault}"[:1000]}
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def arn_of(alias: str, region: str) -> str:
    """Return the ARN of the key itself."""
    arn: str = boto3.client("kms", region_name=region).describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    return arn
