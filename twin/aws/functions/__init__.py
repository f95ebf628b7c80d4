"""Lambda: workers forked from warm nurseries, errors by class name, killed with their region."""

from twin.aws.functions.functions import Functions, LogLine

__all__ = ["Functions", "LogLine"]
