"""Refuse a planned move that would lose data or service."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.commands import IncidentCommand
from failover.procedures.readiness import check_readiness
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Refuse a planned move that would lose data or service."""
    return check_readiness(wiring.ports(), IncidentCommand.parse(event))
