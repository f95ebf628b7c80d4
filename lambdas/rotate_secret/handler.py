"""Change a database's password, a step at a time, as Secrets Manager orders."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.rotating import Change
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Take the step; Secrets Manager wants no answer but that it was taken."""
    change = Change.parse(event, wiring.topology())
    wiring.rotating(change).go_on()
    return {"database": change.database.name, "role": change.role, "step": change.step}
