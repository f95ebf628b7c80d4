"""Wait until the revoked lease has run out; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.leases import await_lease
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Wait until the revoked lease has run out; safe to repeat."""
    return await_lease(wiring.ports(), DatabaseCommand.parse(event))
