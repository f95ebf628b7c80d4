"""Where events go that a function's retries did not save: its dead-letter queue, or its on-failure destination.

A dead-letter queue gets the event as it came, with the error beside it as attributes ("Adding a dead-letter
queue", Lambda developer guide); MiniStack sends it the record that a destination gets.
"""

import json
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc, sns, sqs


def bury(function: dict[str, Any], configured: dict[str, Any], event: Any, result: dict[str, Any]) -> None:
    """Send an event that failed for good to wherever its function says, if anywhere.

    Args:
        function: the function's configuration.
        configured: its configuration for asynchronous invocation.
        result: what the last attempt came to.
    """
    on_failure = (configured.get("DestinationConfig") or {}).get("OnFailure") or {}
    if destination := on_failure.get("Destination"):
        lambda_svc._route_async_failure(destination, function["FunctionName"], event, result)
    if queue := (function.get("DeadLetterConfig") or {}).get("TargetArn"):
        body = result.get("body")
        message = body.get("errorMessage", "") if isinstance(body, dict) else str(body)
        _send(queue, json.dumps(event), {"RequestID": new_uuid(), "ErrorCode": "200", "ErrorMessage": message[:1024]})


def _send(arn: str, text: str, attributes: dict[str, str]) -> None:
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}
    service, name = arn.split(":")[2], arn.rpartition(":")[2]
    if service == "sqs":
        url = sqs._queue_url(name)
        sqs._act_send_message({"QueueUrl": url, "MessageBody": text, "MessageAttributes": told}, url)
    elif service == "sns" and arn in sns._topics:
        sns._fanout(arn, new_uuid(), text, "", "", told)
