"""Let the new writer's region take a global cache's writes; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.caches import CacheCommand, promote_cache
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Let the new writer's region take a global cache's writes; safe to repeat."""
    return promote_cache(wiring.ports(), CacheCommand.parse(event))
