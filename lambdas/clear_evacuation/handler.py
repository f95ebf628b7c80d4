"""Undo the evacuation and close the incident as compensated; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.traffic import clear_evacuation
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Undo the evacuation and close the incident as compensated; safe to repeat."""
    return clear_evacuation(wiring.ports(), IncidentCommand.parse(event))
