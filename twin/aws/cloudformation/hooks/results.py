"""The API about hooks: what they said, and switching one off by hand."""

import json
from typing import Any

from ministack.services.cloudformation.helpers import _error, _esc, _p, _xml

from twin.aws.cloudformation.hooks.asking import Asking, Result
from twin.aws.cloudformation.hooks.registered import Registered

Parameters = dict[str, Any]


def list_hook_results(asking: Asking, parameters: Parameters) -> Any:
    """ListHookResults, the newest first, of one target or of all."""
    kind, target = _p(parameters, "TargetType"), _p(parameters, "TargetId")
    found = [
        result
        for result in reversed(asking.results)
        if (not kind or result.question.target == kind) and (not target or result.question.target_id == target)
    ]
    members = "".join(f"<member>{_summary(result)}</member>" for result in found)
    return _xml(
        200,
        "ListHookResultsResponse",
        f"<ListHookResultsResult><TargetType>{_esc(kind)}</TargetType><TargetId>{_esc(target)}</TargetId>"
        f"<HookResults>{members}</HookResults></ListHookResultsResult>",
    )


def get_hook_result(asking: Asking, parameters: Parameters) -> Any:
    """GetHookResult."""
    wanted = _p(parameters, "HookResultId")
    for result in asking.results:
        if result.id == wanted:
            return _xml(200, "GetHookResultResponse", f"<GetHookResultResult>{_summary(result)}</GetHookResultResult>")
    return _error("HookResultNotFound", f"The specified hook result {wanted} could not be found", 404)


def set_type_configuration(registered: Registered, parameters: Parameters) -> Any:
    """SetTypeConfiguration, of hooks alone, and of that only whether they are asked."""
    alias = _p(parameters, "TypeName")
    try:
        told = json.loads(_p(parameters, "Configuration"))["CloudFormationConfiguration"]["HookConfiguration"]
        status = told["HookInvocationStatus"]
    except (ValueError, KeyError, TypeError):
        return _error("CFNRegistryException", "Configuration: HookConfiguration with HookInvocationStatus is missing")
    if status not in ("ENABLED", "DISABLED"):
        return _error("CFNRegistryException", f"HookInvocationStatus: got {status}; ENABLED or DISABLED")
    if not registered.switch(alias, enabled=status == "ENABLED"):
        return _error("TypeNotFoundException", f"The type {alias} does not exist", 404)
    return _xml(200, "SetTypeConfigurationResponse", "<SetTypeConfigurationResult></SetTypeConfigurationResult>")


def _summary(result: Result) -> str:
    told = {
        "HookResultId": result.id,
        "InvocationPoint": "PRE_PROVISION",
        "FailureMode": "FAIL" if result.hook.fails else "WARN",
        "TypeName": result.hook.alias,
        "TypeVersionId": "00000001",
        "Status": result.status,
        "HookStatusReason": result.reason,
        "InvokedAt": result.at,
        "TargetType": result.question.target,
        "TargetId": result.question.target_id,
    }
    return "".join(f"<{name}>{_esc(value)}</{name}>" for name, value in told.items())
