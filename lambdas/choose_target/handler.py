"""Write the point of no return for every database, or for none; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.choosing import choose_target
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Write the point of no return for every database, or for none; safe to repeat."""
    return choose_target(wiring.ports(), IncidentCommand.parse(event))
