"""Evacuate the lost region; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.traffic import shift_traffic
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Evacuate the lost region; safe to repeat."""
    return shift_traffic(wiring.ports(), IncidentCommand.parse(event))
