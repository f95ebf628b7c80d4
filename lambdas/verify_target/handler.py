"""See that the new writers' gates are open."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.closing import verify_target
from failover.procedures.commands import IncidentCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """See that the new writers' gates are open."""
    return verify_target(wiring.ports(), IncidentCommand.parse(event))
