"""Go on when a person has approved of the incident."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.asking import await_approval
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Go on when a person has approved of the incident."""
    return await_approval(wiring.ports(), IncidentCommand.parse(event))
