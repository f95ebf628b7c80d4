"""Invocations that nobody waits for: events of EventBridge, SNS and S3, and Invoke with type Event.

AWS Lambda, "How Lambda handles errors and retries with asynchronous invocation": an error of the function is
retried twice, after one minute and after two; a throttled event goes back to the queue and is tried again
after 1 s, doubling up to 5 minutes; both end with the event's greatest age, 6 hours unless configured. What
fails goes to the on-failure destination or the dead-letter queue.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from twin.aws.functions.dead_letters import bury
from twin.aws.threads import Threads

RETRY_SECONDS: Final = (60.0, 120.0)
THROTTLED_SECONDS: Final = 1.0
MOST_THROTTLED_SECONDS: Final = 300.0
GREATEST_AGE_SECONDS: Final = 21600.0


class AsynchronousInvocations:
    """The queue in front of the functions; each event has a thread of its own."""

    def __init__(self, threads: Threads, is_down: Callable[[str], bool]) -> None:
        self._threads = threads
        self._is_down = is_down

    def __call__(self, function: dict[str, Any], event: Any) -> None:
        """Queue an event; in the place of ``lambda_svc.invoke_async_with_retry``."""
        self._threads.start("twin-aws-event", self._deliver, function, event)

    def dispatch(self, arn: str, payload: str) -> None:
        """Queue an event for a rule's target; in the place of ``eventbridge._dispatch_to_lambda``."""
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if function and config:
            self(lambda_svc._execution_record_for_config(function, config), _json(payload))

    def _deliver(self, function: dict[str, Any], event: Any) -> None:
        config = function.get("config") or function
        account, region = lambda_svc._account_region_from_function_config(config)
        configured = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST")
        configured = configured or {}
        retries = configured.get("MaximumRetryAttempts")
        waits = list(RETRY_SECONDS[: 2 if retries is None else int(retries)])
        expires = time.monotonic() + float(configured.get("MaximumEventAgeInSeconds") or GREATEST_AGE_SECONDS)
        throttled = THROTTLED_SECONDS
        with request_scope(account, region):
            while True:
                # The queue of a lost region keeps what it has.
                if not self._threads.wait_until(lambda: not self._is_down(region), expires):
                    result: dict[str, Any] = {"error": True, "body": {"errorMessage": "the event grew too old"}}
                    break
                result = lambda_svc._execute_function(function, event)
                if self._is_down(region):
                    continue
                if not result.get("error"):
                    return
                if result.get("throttle"):
                    wait, throttled = throttled, min(throttled * 2, MOST_THROTTLED_SECONDS)
                elif waits:
                    wait = waits.pop(0)
                else:
                    break
                if time.monotonic() + wait > expires:
                    break
                self._threads.sleep(wait)
            bury(config, configured, event, result)


def _json(payload: str) -> Any:
    try:
        return json.loads(payload)
    except json.JSONDecodeError:
        return {"body": payload}
