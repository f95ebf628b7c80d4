"""Tell people of something that did not work and does not stop the incident."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.closing import tell_trouble
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Journal and page; the incident goes on without it."""
    return tell_trouble(wiring.ports(), IncidentCommand.parse(event), event["failure"])
