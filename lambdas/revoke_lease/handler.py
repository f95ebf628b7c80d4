"""Take the old writer's lease away; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.leases import revoke_lease
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Take the old writer's lease away; safe to repeat."""
    return revoke_lease(wiring.ports(), DatabaseCommand.parse(event))
