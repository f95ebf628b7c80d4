"""Ask for a copy that has diverged to be made a replica again; it looks first."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.rejoining import rejoin_database
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Ask for a copy that has diverged to be made a replica again; it looks first."""
    return rejoin_database(wiring.ports(), DatabaseCommand.parse(event))
