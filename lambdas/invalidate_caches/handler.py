"""Throw out of the edge caches what an event says is old, wrong or dangerous."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.emptying import empty_caches
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Order it once for each event; safe to repeat."""
    caches, paths = wiring.edge_caches()
    return empty_caches(caches, event, paths)
