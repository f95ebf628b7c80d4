"""MiniStack's CloudWatch with alarms that are evaluated as CloudWatch's are, and told to EventBridge."""

from twin.aws.alarms.evaluator import AlarmEvaluator

__all__ = ["AlarmEvaluator"]
