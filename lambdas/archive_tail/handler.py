"""Keep what a returned copy alone has in a file; safe to repeat, and it goes on."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.archiving import archive_tail
from failover.procedures.commands import DatabaseCommand
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Keep what a returned copy alone has in a file; safe to repeat, and it goes on."""
    return archive_tail(wiring.ports(), DatabaseCommand.parse(event))
