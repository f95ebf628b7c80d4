"""CloudFormation asks whether it may touch a stack of the product."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.adapters.payloads import SignedPayloads
from failover.procedures.deploy_guard import guard_deployment
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the hook's answer: ``SUCCESS``, or ``FAILED`` with the reason and the fix."""
    return guard_deployment(wiring.ports(), event, SignedPayloads())
