"""Take new versions of models into use, or back, and tell how healthy this region's are."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.errors import ModelsDeniedError
from failover.model_versions import roll_out, tell_health
from runtime import wiring
from runtime.entry import entry, logger


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return which rule spoke for each model that is published here; what woke it is not read.

    Raises:
        ModelsDeniedError: AWS said no somewhere; all else is done.
    """
    ports, plans = wiring.models()
    told = {plan.name: roll_out(ports, plan) for plan in plans if plan.source == ports.here}
    for model, decision in told.items():
        logger.info("%s: [%s] %s", model, decision.rule, decision.reason)
    tell_health(ports, [plan for plan in plans if ports.here in plan.order])
    if denied := [each for decision in told.values() for each in decision.denied]:
        raise ModelsDeniedError("; ".join(denied))
    return {model: decision.rule for model, decision in told.items()}
