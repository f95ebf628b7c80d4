"""Bring users back to regions that have their traffic again, one step."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.returning import return_users
from runtime import wiring
from runtime.entry import entry, logger


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Look once, change little; returns what was done of each route, or why not."""
    done = return_users(*wiring.returning())
    logger.info("returned", routes=done)
    return done
