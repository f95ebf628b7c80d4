"""Try to shut the gate at the source, in a fixed box; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.leases import fence_source
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Try to shut the gate at the source, in a fixed box; safe to repeat."""
    return fence_source(wiring.ports(), DatabaseCommand.parse(event))
