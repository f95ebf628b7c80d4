"""Speak SQL to this region's copy of a database, for executors of other regions."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.plain import as_plain
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the copy's state after what the request says was done."""
    desk = wiring.database_desk()
    state: dict[str, Any] = as_plain(desk.answer(event))
    return state
