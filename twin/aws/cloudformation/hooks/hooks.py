"""Puts the hooks in front of MiniStack's stack operations and change sets.

What AWS's documents say: the reason's text, a change set that fails with it and cannot be executed, an operation
that stops before anything is provisioned. What they do not say, and the twin takes for likely: a refused update ends
UPDATE_ROLLBACK_COMPLETE, a refused creation ROLLBACK_COMPLETE, a refused deletion DELETE_FAILED.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

from twin.aws.cloudformation.hooks import results
from twin.aws.cloudformation.hooks.asking import Asking, Question
from twin.aws.cloudformation.hooks.payloads import of_change_set, of_stack
from twin.aws.cloudformation.hooks.registered import TYPE, Registered
from twin.aws.patches import Patches

Record = dict[str, Any]


class Hooks:
    """The hooks of one twin; ``endpoint`` gives the API's URL for functions of a region."""

    def __init__(self, endpoint: Callable[[str], str]) -> None:
        self._registered = Registered()
        self._asking = Asking(self._registered, endpoint)

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""
        patches.replace_item(provisioners._RESOURCE_HANDLERS, TYPE, self._registered.type().handlers())
        for module in (handlers, changesets):
            patches.replace(module, "_deploy_stack_async", partial(self._deploy, module._deploy_stack_async))
        patches.replace(handlers, "_delete_stack_async", partial(self._delete, handlers._delete_stack_async))
        actions = handlers._ACTION_HANDLERS
        patches.replace_item(actions, "CreateChangeSet", partial(self._create_change_set, actions["CreateChangeSet"]))
        patches.replace_item(actions, "ListHookResults", partial(results.list_hook_results, self._asking))
        patches.replace_item(actions, "GetHookResult", partial(results.get_hook_result, self._asking))
        patches.replace_item(actions, "SetTypeConfiguration", partial(results.set_type_configuration, self._registered))

    async def _deploy(self, deploy: Any, name: str, stack_id: str, *arguments: Any, **named: Any) -> None:
        stack, previous = cloudformation._stacks[name], named.get("previous_stack") or {}
        updates = bool(named.get("is_update"))
        question = Question(
            "STACK",
            stack_id,
            f"{'UPDATE' if updates else 'CREATE'}_PRE_PROVISION",
            name,
            stack_id,
            _executing(stack_id),
        )
        payload = of_stack(stack["_template_body"], previous.get("_template_body", ""))
        reason = await self._refusals(question, payload)
        if not reason:
            await deploy(name, stack_id, *arguments, **named)
            return
        stack.update(previous)
        self._end(stack, reason, "UPDATE_ROLLBACK" if updates else "ROLLBACK")

    async def _delete(self, delete: Any, name: str, stack_id: str, *arguments: Any, **named: Any) -> None:
        stack = cloudformation._stacks[name]
        if self._asking.concerned("STACK", name):
            stack["StackStatus"] = "DELETE_IN_PROGRESS"
        question = Question("STACK", stack_id, "DELETE_PRE_PROVISION", name, stack_id)
        reason = await self._refusals(question, of_stack("", ""))
        if not reason:
            await delete(name, stack_id, *arguments, **named)
            return
        stack["StackStatus"], stack["StackStatusReason"] = "DELETE_FAILED", reason
        _event(stack, "DELETE_FAILED", reason)

    def _end(self, stack: Record, reason: str, status: str) -> None:
        _event(stack, f"{status}_IN_PROGRESS", reason)
        stack["StackStatus"], stack["StackStatusReason"] = f"{status}_COMPLETE", reason
        _event(stack, f"{status}_COMPLETE", "")

    def _create_change_set(self, create: Any, parameters: Any) -> Any:
        before = set(cloudformation._change_sets)
        answer = create(parameters)
        for made in set(cloudformation._change_sets) - before:
            change_set = cloudformation._change_sets[made]
            concerned = self._asking.concerned("CHANGE_SET", change_set["StackName"])
            if change_set["ExecutionStatus"] == "AVAILABLE" and concerned:
                change_set["Status"], change_set["ExecutionStatus"] = "CREATE_IN_PROGRESS", "UNAVAILABLE"
                asyncio.get_event_loop().create_task(self._judge(change_set))
        return answer

    async def _judge(self, change_set: Record) -> None:
        arn, name, stack_id = change_set["ChangeSetId"], change_set["StackName"], change_set["StackId"]
        updates = change_set["ChangeSetType"] != "CREATE"
        point = f"{'UPDATE' if updates else 'CREATE'}_PRE_PROVISION"
        stack = cloudformation._stacks[name]
        old = stack.get("_template", {}) if updates else {}
        before = changesets._resolve_props_for_diff(old, stack.get("_resolved_params", {}), name, stack_id)
        after = changesets._resolve_props_for_diff(
            change_set["_template"], change_set["_resolved_params"], name, stack_id
        )
        payload = of_change_set(change_set["_template_body"], change_set["Changes"], before, after)
        reason = await self._refusals(Question("CHANGE_SET", arn, point, name, stack_id, arn), payload)
        if reason:
            change_set["StatusReason"] = f"Change set creation failed. {reason}"
        else:
            change_set["ExecutionStatus"] = "AVAILABLE"
        change_set["Status"] = "FAILED" if reason else "CREATE_COMPLETE"

    async def _refusals(self, question: Question, payload: Record) -> str:
        """Ask in a thread: the function that answers calls the API, which this loop serves."""
        if not self._asking.concerned(question.target, question.stack):
            return ""
        return await asyncio.to_thread(self._asking.refusals, question, payload)


def _executing(stack_id: str) -> str | None:
    """Return the change set whose execution this operation is."""
    for arn, change_set in cloudformation._change_sets.items():
        if change_set["StackId"] == stack_id and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            return str(arn)
    return None


def _event(stack: Record, status: str, reason: str) -> None:
    name, stack_id = stack["StackName"], stack["StackId"]
    stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, reason, stack_id)
