"""Say on which side of the point of no return the incident failed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.closing import weigh_failure
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Say on which side of the point of no return the incident failed."""
    return weigh_failure(wiring.ports(), IncidentCommand.parse(event))
