"""Move the weights of routes one step towards what their regions can take."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.steering import steer_routes
from runtime import wiring
from runtime.entry import entry, logger


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Look once, change little; returns what was done of each route, or why not."""
    done = steer_routes(*wiring.steering())
    logger.info("steered", routes=done)
    return done
