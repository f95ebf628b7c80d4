"""Ask whoever may refuse the incident, in a fixed time."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.asking import ask_veto
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Ask whoever may refuse the incident, in a fixed time."""
    return ask_veto(wiring.ports(), IncidentCommand.parse(event))
