"""Keep the journal in this region's locked bucket."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.journal_keeping import keep_journal
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return how many lines were kept that were not kept yet."""
    source, shelf = wiring.journals()
    return {"kept": keep_journal(source, shelf, wiring.ports().clock, whole=bool(event.get("whole")))}
