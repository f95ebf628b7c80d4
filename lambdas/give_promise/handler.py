"""Promise a guard that cannot reach the store to take nothing away for a lease's length, or refuse."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.promising import give_promise, requested
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Promise, or raise why not."""
    return {"version": give_promise(wiring.promising_ports(), wiring.topology(), requested(event)).version}
