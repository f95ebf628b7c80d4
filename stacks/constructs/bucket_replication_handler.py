"""Puts a bucket's replication rules on and takes them off, as a CloudFormation custom resource."""

import json
import urllib.request
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> None:
    """Do what the request asks and tell CloudFormation; a fault is told too, or the stack would wait an hour."""
    properties = event["ResourceProperties"]
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": f"replication-of-{properties['Bucket']}",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        apply(event["RequestType"], properties)
    except Exception as fault:  # noqa: BLE001 - every fault is CloudFormation's to know
        answer |= {"Status": "FAILED", "Reason": f"{type(fault).__name__}: {fault}"[:1000]}
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def apply(kind: str, properties: dict[str, Any]) -> None:
    """Put the rules on, or take them off when ``kind`` is ``Delete``."""
    s3 = boto3.client("s3", region_name=properties["Region"])
    if kind == "Delete":
        s3.delete_bucket_replication(Bucket=properties["Bucket"])
        return
    rules = [rule(order, to) for order, to in enumerate(properties["Destinations"], start=1)]
    s3.put_bucket_replication(
        Bucket=properties["Bucket"], ReplicationConfiguration={"Role": properties["Role"], "Rules": rules}
    )


def rule(order: int, to: dict[str, str]) -> dict[str, Any]:
    """Return the rule that copies objects, and the marks of deletion, to one destination.

    CloudFormation makes a text of everything. The rules come in the order of their urgency.
    """
    destination: dict[str, Any] = {
        "Bucket": to["Bucket"],
        "EncryptionConfiguration": {"ReplicaKmsKeyID": to["Key"]},
    }
    if "Minutes" in to:
        within = {"Minutes": int(to["Minutes"])}
        destination["ReplicationTime"] = {"Status": "Enabled", "Time": within}
        destination["Metrics"] = {"Status": "Enabled", "EventThreshold": within}
    return {
        "ID": to.get("Rule") or f"to-{to['Id']}",
        "Priority": int(to.get("Priority") or order),
        "Status": "Enabled",
        "Filter": {"Prefix": to.get("Prefix", "")},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": destination,
    }
