"""See that the new writer's objects are copied everywhere; safe to repeat."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.objects import check_replication
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """See that the new writer's objects are copied everywhere; safe to repeat."""
    return check_replication(wiring.ports(), IncidentCommand.parse(event))
