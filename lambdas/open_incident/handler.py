"""Open the incident that the input asks for, or join the one that it names."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.procedures.opening import begin
from failover.procedures.requests import Machine
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return what the machine's steps work on, for the execution that asks."""
    ports, topology = wiring.ports(), wiring.topology()
    return begin(ports, topology, event["document"], event["execution"], Machine(event["machine"]))
