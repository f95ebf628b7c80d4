"""Asks the hooks that are concerned, one after the other, and keeps what they said for ListHookResults."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.responses import get_account_id, new_uuid, now_iso
from ministack.services import lambda_svc

from twin.aws.cloudformation.hooks.payloads import Document, laid_out
from twin.aws.cloudformation.hooks.registered import Hook, Registered

LONGEST_REASON: Final = 1024
MOST_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Question:
    """One operation: on what (``STACK``, ``CHANGE_SET``), at which point, of which stack."""

    target: str
    target_id: str
    point: str
    stack: str
    stack_id: str
    change_set_id: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one hook said of one operation."""

    id: str
    hook: Hook
    question: Question
    status: str
    reason: str
    at: str

    @property
    def refuses(self) -> bool:
        """Whether the operation must not go on."""
        return self.hook.fails and self.status != "HOOK_COMPLETE_SUCCEEDED"


class Asking:
    """CloudFormation's side of hooks."""

    def __init__(self, registered: Registered, endpoint: Callable[[str], str]) -> None:
        self._registered, self._endpoint = registered, endpoint
        self._lock = threading.Lock()
        self.results: list[Result] = []

    def refusals(self, question: Question, payload: Document) -> str:
        """Ask, and return the reason for which the operation fails; empty when it may go on."""
        asked = [
            self._ask(hook, question, payload) for hook in self._registered.concerning(question.target, question.stack)
        ]
        with self._lock:
            self.results = [*self.results, *asked][-MOST_KEPT:]
        names = ", ".join(result.hook.alias for result in asked if result.refuses)
        return f"The following hook(s) failed: [{names}]" if names else ""

    def concerned(self, target: str, stack: str) -> bool:
        """Whether anybody is to be asked."""
        return bool(self._registered.concerning(target, stack))

    def _ask(self, hook: Hook, question: Question, payload: Document) -> Result:
        with laid_out(payload, self._endpoint) as link:
            status, reason = _answer(hook, _event(hook, question, link))
        return Result(new_uuid(), hook, question, status, reason[:LONGEST_REASON], now_iso())


def _event(hook: Hook, question: Question, link: str) -> Document:
    return {
        "clientRequestToken": new_uuid(),
        "awsAccountId": get_account_id(),
        "stackId": question.stack_id,
        "changeSetId": question.change_set_id,
        "hookTypeName": hook.alias,
        "hookTypeVersion": "00000001",
        "hookModel": {"LambdaFunction": hook.function},
        "actionInvocationPoint": question.point,
        "requestData": {
            "targetName": question.target,
            "targetType": question.target,
            "targetLogicalId": question.stack if question.target == "STACK" else question.target_id,
            "payload": link,
        },
        "requestContext": {"invocation": 1, "callbackContext": None},
    }


def _answer(hook: Hook, event: Document) -> tuple[str, str]:
    """Return the hook's status and its reason. A function that fails, or says nothing of the form, has failed."""
    record, config, _ = lambda_svc._get_func_record_for_ref(hook.function)
    if not record or not config:
        return "HOOK_FAILED", f"Hook failed with message: the function {hook.function} does not exist"
    told = lambda_svc._execute_function(lambda_svc._execution_record_for_config(record, config), event)
    body: Any = told.get("body")
    if told.get("error") or not isinstance(body, dict):
        return "HOOK_FAILED", f"Hook failed with message: {body}"
    if body.get("clientRequestToken") != event["clientRequestToken"]:
        return "HOOK_FAILED", "Hook failed with message: its answer has another clientRequestToken"
    message = str(body.get("message", ""))
    if body.get("hookStatus") == "SUCCESS":
        return "HOOK_COMPLETE_SUCCEEDED", f"Hook succeeded with message: {message}"
    if body.get("hookStatus") == "FAILED" and body.get("errorCode") == "NonCompliant":
        return "HOOK_COMPLETE_FAILED", f"Hook failed with message: {message}"
    return "HOOK_FAILED", f"Hook failed with message: {message or body}"
