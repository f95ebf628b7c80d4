"""Give the source its lease back; refused past the point of no return."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.regranting import regrant_lease
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Give the source its lease back; refused past the point of no return."""
    return regrant_lease(wiring.ports(), DatabaseCommand.parse(event))
