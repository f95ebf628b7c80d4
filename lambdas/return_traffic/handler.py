"""Give a region its users again, when the observers see it up."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.rejoining import return_traffic
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Give a region its users again, when the observers see it up."""
    return return_traffic(wiring.ports(), IncidentCommand.parse(event))
