"""Finds a region's load balancer by its name, as a CloudFormation custom resource; it changes nothing."""

import json
import urllib.request
from typing import Any

import boto3


def handle(event: dict[str, Any], _context: object) -> None:
    """Tell CloudFormation the ARN; a fault is told too, or the stack would wait an hour."""
    properties = event["ResourceProperties"]
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": f"load-balancer-of-{properties['Region']}",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        if event["RequestType"] != "Delete":
            answer["Data"] = {"Arn": arn(properties["Region"], properties["Name"])}
    except Exception as fault:  # noqa: BLE001 - every fault is CloudFormation's to know
        answer |= {"Status": "FAILED", "Reason": f"{type(fault).__name__}: {fault}"[:1000]}
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def arn(region: str, name: str) -> str:
    """Return the ARN of the load balancer of a name in a region."""
    found = boto3.client("elbv2", region_name=region).describe_load_balancers(Names=[name])
    return str(found["LoadBalancers"][0]["LoadBalancerArn"])
