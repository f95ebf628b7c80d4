"""Begin a practice that is due, unless the product has something real to do."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.practising import Practice, begin_practice
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return what became of the practice, and why where it was put off."""
    due = Practice.parse(event)
    return begin_practice(wiring.ports(), wiring.topology(), wiring.experiments(), due).as_event()
