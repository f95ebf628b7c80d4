"""Look at the votes, decide by the table, and act on the decision."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.plain import as_plain
from failover.procedures.deciding import decide_failover
from runtime import wiring
from runtime.entry import entry, logger


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return a decision per region; the event that woke this is a hint and is not read."""
    ports = wiring.ports()
    decisions = [as_plain(each) for each in decide_failover(ports, wiring.topology())]
    logger.info("decided", decisions=decisions)
    # Told at the end, so that one that cannot decide is as silent as one that does not run.
    ports.telemetry.heartbeat("decider")
    ports.telemetry.flush()
    return decisions
