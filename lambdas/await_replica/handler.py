"""See that a copy follows the writer within its recovery point objective."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.rejoining import await_replica
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """See that a copy follows the writer within its recovery point objective."""
    return await_replica(wiring.ports(), DatabaseCommand.parse(event))
