"""Grant the new epoch's lease to the target and open its gate; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import DatabaseCommand
from failover.procedures.promotion import admit_writer
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Grant the new epoch's lease to the target and open its gate; safe to repeat."""
    return admit_writer(wiring.ports(), DatabaseCommand.parse(event))
