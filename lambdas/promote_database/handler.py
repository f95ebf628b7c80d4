"""Make one database's target its own; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.promotion import promote_database
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Make one database's target its own; safe to repeat."""
    return promote_database(wiring.ports(), DatabaseCommand.parse(event))
