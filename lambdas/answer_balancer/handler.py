"""Answer the region's load balancer whether its region is evacuated."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return 503 when any control region's lever says so, and else 200; the load balancer counts."""
    evacuated = wiring.balancer_lever().evacuated()
    return {
        "statusCode": 503 if evacuated else 200,
        "statusDescription": "503 Service Unavailable" if evacuated else "200 OK",
        "isBase64Encoded": False,
        "headers": {"Content-Type": "text/plain"},
        "body": "evacuated" if evacuated else "in service",
    }
