"""The change sets of one stack: described whole, executed, thrown away; with the role that the bootstrap made."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cli.deployment.assembly import Stack
from cli.deployment.described import changes_of
from failover.errors import DeploymentRefusedError, LifeboatError
from failover.procedures.deploy_guard import Change, differences

POLL_SECONDS: Final = 2.0
EXECUTION_SECONDS: Final = 2 * 3600.0
DONE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE")
EMPTY: Final = ("didn't contain changes", "No updates are to be performed")


class DeploymentFailedError(LifeboatError):
    """CloudFormation could not do what was asked; the message has its reason."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One stack's part of a deployment, named the same in every stack."""

    stack: Stack
    name: str
    cloudformation: Any

    @classmethod
    def of(cls, stack: Stack, name: str) -> "ChangeSet":
        """Return the change set of a stack, not made yet, with a client of the stack's region."""
        return cls(stack, name, _client(stack))

    @property
    def is_new(self) -> bool:
        """Whether the stack is not there yet, or only as the shell of a change set."""
        try:
            (told,) = self.cloudformation.describe_stacks(StackName=self.stack.name)["Stacks"]
        except ClientError as exc:
            if _is_absent(exc):
                return True
            raise
        return bool(told["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"))

    def additions(self) -> tuple[Change, ...]:
        """Return what a stack that is not there yet would get."""
        return differences(self.stack.name, {}, self.stack.template)

    @property
    def is_made(self) -> bool:
        """Whether it is there."""
        try:
            self.cloudformation.describe_change_set(**self._named())
        except ClientError as exc:
            if _is_absent(exc):
                return False
            raise
        return True

    def changes(self) -> tuple[Change, ...]:
        """Read the change set, all pages of it; none when it has no changes.

        Raises:
            DeploymentRefusedError: a hook refused it.
            DeploymentFailedError: it was not made.
        """
        pages = self.cloudformation.get_paginator("describe_change_set").paginate(**self._named())
        described = []
        for page in pages:
            self._made(page)
            described += [each["ResourceChange"] for each in page.get("Changes", ())]
        before = {} if self.is_new else self._deployed()
        return changes_of(self.stack.name, described, before, self.stack.template)

    def execute(self) -> None:
        """Execute it and wait for its end.

        Raises:
            DeploymentRefusedError: a hook refused it.
            DeploymentFailedError: the stack was not changed.
        """
        self.cloudformation.execute_change_set(**self._named())
        deadline = time.monotonic() + EXECUTION_SECONDS
        while True:
            (told,) = self.cloudformation.describe_stacks(StackName=self.stack.name)["Stacks"]
            status = told["StackStatus"]
            if not status.endswith("_IN_PROGRESS") or status in DONE:
                break
            if time.monotonic() > deadline:
                raise DeploymentFailedError(f"{self.stack.name}: still {status} after {EXECUTION_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
        if status not in DONE:
            self._refused("STACK", told["StackId"])
            raise DeploymentFailedError(f"{self.stack.name}: {status}: {told.get('StackStatusReason', '')}")

    def discard(self) -> None:
        """Throw it away if it is there."""
        try:
            self.cloudformation.delete_change_set(**self._named())
        except ClientError as exc:
            if not _is_absent(exc):
                raise

    def _named(self) -> dict[str, str]:
        return {"StackName": self.stack.name, "ChangeSetName": self.name}

    def _made(self, told: Mapping[str, Any]) -> None:
        reason = told.get("StatusReason", "")
        if told["Status"] == "FAILED" and not any(empty in reason for empty in EMPTY):
            self._refused("CHANGE_SET", told["ChangeSetId"])
            raise DeploymentFailedError(f"{self.stack.name}: its change set failed: {reason}")

    def _refused(self, target: str, target_id: str) -> None:
        """Raise what a hook said, if one did."""
        results = self.cloudformation.list_hook_results(TargetType=target, TargetId=target_id)["HookResults"]
        said = [each["HookStatusReason"] for each in results if each["Status"] != "HOOK_COMPLETE_SUCCEEDED"]
        if said:
            raise DeploymentRefusedError(f"{self.stack.name}: {said[0].removeprefix('Hook failed with message: ')}")

    def _deployed(self) -> Mapping[str, Any]:
        told = self.cloudformation.get_template(StackName=self.stack.name)["TemplateBody"]
        # botocore gives a JSON template as a mapping; one that is not JSON was not made by `cdk synth`.
        if isinstance(told, str):
            try:
                told = json.loads(told)
            except ValueError as exc:
                raise DeploymentFailedError(f"{self.stack.name}: its template is not JSON; deploy it by CDK") from exc
        return dict(told)


def _is_absent(exc: ClientError) -> bool:
    return exc.response["Error"]["Code"] == "ChangeSetNotFound" or "does not exist" in str(exc)


def _client(stack: Stack) -> Any:
    """Return a client under the deployment role, or under one's own rights where that may not be assumed."""
    keys = {}
    if stack.deploys_as:
        try:
            session = boto3.client("sts", region_name=stack.region)
            told = session.assume_role(RoleArn=stack.deploys_as, RoleSessionName="lifeboat-deploy")["Credentials"]
            keys = {
                "aws_access_key_id": told["AccessKeyId"],
                "aws_secret_access_key": told["SecretAccessKey"],
                "aws_session_token": told["SessionToken"],
            }
        except (ClientError, BotoCoreError):
            keys = {}  # as the CDK's command does: the call itself says what right is missing
    return boto3.client("cloudformation", region_name=stack.region, **keys)
