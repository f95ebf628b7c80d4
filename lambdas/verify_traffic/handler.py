"""See that the lever endpoints say what the store says."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.traffic import verify_traffic
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """See that the lever endpoints say what the store says."""
    return verify_traffic(wiring.ports(), IncidentCommand.parse(event))
