"""Answer Route 53's checkers whether a region is evacuated."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the region's token when, and only when, it is evacuated, as far as anybody here knows."""
    region = event["pathParameters"]["region"]
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": wiring.lever().answer(region)}
