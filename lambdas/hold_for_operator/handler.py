"""Hold an incident that cannot go on, and page."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.closing import hold_for_operator
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Keep the incident open and say why."""
    return hold_for_operator(wiring.ports(), IncidentCommand.parse(event), event["failure"])
