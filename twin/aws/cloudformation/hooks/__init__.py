"""Lambda hooks: functions that CloudFormation asks before it touches a stack, and when a change set is made."""

from twin.aws.cloudformation.hooks.hooks import Hooks

__all__ = ["Hooks"]
