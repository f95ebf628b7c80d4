"""Keep what AWS Health says of a region of the topology."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.noting import HealthEvent, note_advisory
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return what became of the event."""
    noticed = HealthEvent.parse(event)
    return {"subject": noticed.region, "outcome": note_advisory(wiring.ports(), wiring.topology(), noticed)}
