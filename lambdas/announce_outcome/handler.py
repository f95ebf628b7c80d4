"""Tell people and the journal how an incident ended."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.closing import announce_outcome
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Page the outcome that the machine has reached."""
    command = IncidentCommand.parse(event)
    return announce_outcome(wiring.ports(), command, event["result"]["outcome"], event.get("failure"))
