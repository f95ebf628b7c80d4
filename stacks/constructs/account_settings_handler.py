"""Says once in an account and region what CloudFormation has no resource for, as a custom resource."""

import json
import urllib.request
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> None:
    """Do what the request asks and tell CloudFormation; a fault is told too, or the stack would wait an hour."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "settings-of-this-account"}
    try:
        # Whoever removes the stack leaves the account as safe as it is: nothing is taken back.
        if event["RequestType"] != "Delete":
            apply(event["ResourceProperties"])
    except Exception as fault:  # noqa: BLE001 - every fault is CloudFormation's to know
        answer |= {"Status": "FAILED", "Reason": f"{type(fault).__name__}: {fault}"[:1000]}
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def apply(told: dict[str, Any]) -> None:
    """Put the settings on; each call says what shall be, so that it may be said again."""
    region, account = told["Region"], told["Account"]
    if told.get("Volumes") == "true":
        boto3.client("ec2", region_name=region).enable_ebs_encryption_by_default()
    if told.get("Buckets") == "true":
        blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        boto3.client("s3control", region_name=region).put_public_access_block(
            AccountId=account, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True)
        )
    if told.get("Scanned"):
        answer = boto3.client("inspector2", region_name=region).enable(
            accountIds=[account], resourceTypes=told["Scanned"]
        )
        refused = [each["errorMessage"] for each in answer.get("failedAccounts", ())]
        if refused:
            raise RuntimeError(f"Inspector was not enabled: {'; '.join(refused)}")
    if told.get("Discovery") == "true":
        boto3.client("macie2", region_name=region).update_automated_discovery_configuration(status="ENABLED")
