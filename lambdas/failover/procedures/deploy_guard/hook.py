"""CloudFormation's question before it touches a stack, and our answer.

The forms are those of "Create Lambda functions to evaluate resources for Lambda Hooks" (CloudFormation Hooks user
guide): of a stack's operation the hook gets the templates before and after, of its deletion nothing but its name,
of a change set the resources that it changes, with their properties before and after. CloudFormation waits 30 s.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from failover.errors import LifeboatError, StoreUnreachableError, TransientError
from failover.ports import Ports
from failover.procedures.deploy_guard.changes import Change, changed_resource, differences
from failover.procedures.deploy_guard.judging import Verdict, judge_changes, look
from failover.records import JournalEntry

LONGEST_REASON: Final = 1000
"""Characters; a hook's result keeps 1,024 of them (API reference, HookResultSummary)."""

DELETED: Final = "DELETE_PRE_PROVISION"
BY_HAND: Final = (
    "docs/deploying.md says how to switch the hook off by hand; do so only if you know that no incident is open"
)


class PayloadUnreadableError(TransientError):
    """CloudFormation's own description of the change could not be fetched, or is not in the documented form."""


class Payloads(Protocol):
    """Where CloudFormation puts what is too large for the question itself."""

    def fetch(self, url: str) -> Mapping[str, Any]:
        """Return the JSON object behind the link; raises ``PayloadUnreadableError``."""


def guard_deployment(ports: Ports, event: Mapping[str, Any], payloads: Payloads) -> dict[str, Any]:
    """Answer whether CloudFormation may go on. Whatever cannot be known is refused: see ``BY_HAND``."""
    token = event.get("clientRequestToken") or event.get("clientRequesttoken") or ""
    stack = _stack(event)
    try:
        reading = look(ports)
        deleted = event.get("actionInvocationPoint") == DELETED
        changes = () if deleted else _changes(stack, event, payloads)
        verdicts = judge_changes(stack, changes, reading, deleted=deleted)
    except StoreUnreachableError as exc:
        return _refused(token, f"{stack}: nobody can say whether an incident is open: {exc}; {BY_HAND}", fault=True)
    except PayloadUnreadableError as exc:
        return _refused(token, f"{stack}: the change cannot be read: {exc}", fault=True)
    _tell(ports, stack, verdicts)
    refusals = [verdict.reason for verdict in verdicts if not verdict.allowed]
    if refusals:
        return _refused(token, _joined(refusals), fault=False)
    message = _joined([verdict.reason for verdict in verdicts]) or f"{stack}: nothing that is kept changes"
    return {"hookStatus": "SUCCESS", "message": message, "clientRequestToken": token}


def _stack(event: Mapping[str, Any]) -> str:
    """The stack's name, from its ARN: ``arn:…:stack/NAME/ID``."""
    arn = str(event.get("stackId") or event.get("stackID") or "")
    parts = arn.split("/")
    return parts[1] if len(parts) > 1 else str((event.get("requestData") or {}).get("targetLogicalId", ""))


def _changes(stack: str, event: Mapping[str, Any], payloads: Payloads) -> tuple[Change, ...]:
    about = event.get("requestData") or {}
    payload = payloads.fetch(str(about.get("payload", "")))
    if about.get("targetName") == "CHANGE_SET":
        listed = (_listed(stack, each) for each in payload.get("changedResources") or ())
        return tuple(change for change in listed if change is not None)
    if about.get("targetName") == "STACK":
        return differences(stack, _template(payload.get("previousTemplate")), _template(payload.get("template")))
    raise PayloadUnreadableError(f"target: got {about.get('targetName')!r}; this hook is for STACK and CHANGE_SET")


def _template(text: str | None) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        told = json.loads(text)
    except ValueError as exc:
        raise PayloadUnreadableError("a template is not JSON; deploy what `cdk synth` writes") from exc
    if not isinstance(told, dict):
        raise PayloadUnreadableError("a template is no JSON object; deploy what `cdk synth` writes")
    return told


def _listed(stack: str, told: Mapping[str, Any]) -> Change | None:
    """One of a change set's resources; its contexts are JSON in which every scalar is a string."""
    kind = {"Type": told.get("resourceType", "")}
    before, after = ({**kind, **_template(told[key])} if told.get(key) else None for key in _CONTEXTS)
    return changed_resource(stack, str(told.get("logicalResourceId", "")), before, after)


_CONTEXTS: Final = ("beforeContext", "afterContext")


def _tell(ports: Ports, stack: str, verdicts: tuple[Verdict, ...]) -> None:
    """Write down what was refused or overridden; a line that is lost changes no answer."""
    for verdict in verdicts:
        kind = "DEPLOYMENT_OVERRIDDEN" if verdict.allowed else "DEPLOYMENT_REFUSED"
        entry = JournalEntry(ports.clock.now(), ports.here, kind, verdict.reason, facts={"stack": stack})
        with suppress(LifeboatError):
            ports.store.append(entry)


def _refused(token: str, message: str, *, fault: bool) -> dict[str, Any]:
    return {
        "hookStatus": "FAILED",
        "errorCode": "InternalFailure" if fault else "NonCompliant",
        "message": message[:LONGEST_REASON],
        "clientRequestToken": token,
    }


def _joined(reasons: list[str]) -> str:
    whole = " | ".join(reasons)
    return whole if len(whole) <= LONGEST_REASON else f"{whole[: LONGEST_REASON - 40]}… ({len(reasons)} reasons)"
