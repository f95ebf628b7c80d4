"""The kinds of text and numbers that delivery and steering are written in."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from topology_document.infrastructure.words import worded
from topology_document.values import refused

_PATTERN: Final = r"/[A-Za-z0-9_.*$/~\"'@:+?&-]{0,254}"
_PATH: Final = r"/[A-Za-z0-9_./-]{0,254}"
_METRIC: Final = r"[A-Za-z0-9_./#:-]{1,255}"
_GROUP: Final = r"AWSManagedRules[A-Za-z0-9]+"
CHECK_INTERVALS: Final = (10, 30)


class PriceClass(StrEnum):
    """Which of CloudFront's edge locations serve."""

    NORTH_AMERICA_AND_EUROPE = "PriceClass_100"
    MOST = "PriceClass_200"
    ALL = "PriceClass_All"


def _interval(value: int) -> int:
    if value not in CHECK_INTERVALS:
        raise refused("10 or 30: Route 53's checkers have no other interval", "write interval_seconds: 30")
    return value


PathPattern = Annotated[str, *worded(_PATTERN, "a path pattern of CloudFront, beginning with a slash", "/static/*")]
CheckPath = Annotated[str, *worded(_PATH, "a path, beginning with a slash", "/health/live")]
MetricName = Annotated[str, *worded(_METRIC, "a name of CloudWatch without spaces", "ModelHealth")]
RuleGroup = Annotated[str, *worded(_GROUP, "a managed rule group of AWS", "AWSManagedRulesCommonRuleSet")]
CheckInterval = Annotated[
    int,
    AfterValidator(_interval),
    WithJsonSchema({"type": "integer", "enum": list(CHECK_INTERVALS), "minimum": 10, "maximum": 30}),
]
Percent = Annotated[int, Field(ge=0, le=100)]
Bias = Annotated[int, Field(ge=-99, le=99)]
PerMinute = Annotated[int, Field(ge=1, le=100_000_000)]
