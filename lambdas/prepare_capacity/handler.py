"""Scale the regions that stay to what they must carry; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.capacity import prepare_capacity
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Scale the regions that stay to what they must carry; safe to repeat."""
    return prepare_capacity(wiring.ports(), IncidentCommand.parse(event))
