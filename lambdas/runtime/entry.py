"""The entry of every function: Powertools around a translation, a call and a return."""

import functools
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

Handler = Callable[[dict[str, Any], LambdaContext], Any]

logger = Logger()
metrics = Metrics()
# Patching every library that X-Ray knows costs more than a step's own work at a cold start; clients are
# patched where they are made (see wiring).
tracer = Tracer(auto_patch=False)

KEEP_WARM = "keep_warm"
CORRELATION = "incident.id"


def entry(handle: Handler) -> Handler:
    """Give a handler structured logs, a metric of its outcome and a trace; answer the minute's warming call.

    Nothing is caught: what a handler raises reaches Step Functions under its class name.
    A warming call goes through import, wiring and one read of the quorum store, so that the path which is cold
    by its nature, the failover's, is neither cold nor silently broken on its day.
    """

    @logger.inject_lambda_context(correlation_id_path=CORRELATION, clear_state=True)
    @tracer.capture_lambda_handler(capture_response=False)
    @metrics.log_metrics(raise_on_empty_metrics=False)
    @functools.wraps(handle)
    def measured(event: dict[str, Any], context: LambdaContext) -> Any:
        try:
            answer = handle(event, context)
        except Exception:
            metrics.add_metric(name="StepFailed", unit=MetricUnit.Count, value=1)
            raise
        metrics.add_metric(name="StepSucceeded", unit=MetricUnit.Count, value=1)
        return answer

    @functools.wraps(handle)
    def around(event: dict[str, Any], context: LambdaContext) -> Any:
        if event.get(KEEP_WARM):
            # No metric of its own: each would cost 30 cents a month, and a ping that fails is told by its queue.
            from runtime import wiring

            wiring.rehearse()
            return {KEEP_WARM: True}
        return measured(event, context)

    return cast(Handler, around)
