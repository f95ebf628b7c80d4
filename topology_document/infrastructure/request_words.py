"""The kinds of text and numbers that delivery and steering are written in."""

import re
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, WithJsonSchema

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


def _text(pattern: str, allowed: str, example: str) -> tuple[Any, Any]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise refused(allowed, f"write it such as {example}")
        return value

    described = f"{allowed[:1].upper()}{allowed[1:]}."
    told = {"type": "string", "pattern": f"^(?:{pattern})$", "description": described, "examples": [example]}
    return AfterValidator(check), WithJsonSchema(told)


def _interval(value: int) -> int:
    if value not in CHECK_INTERVALS:
        raise refused("10 or 30: Route 53's checkers have no other interval", "write interval_seconds: 30")
    return value


PathPattern = Annotated[str, *_text(_PATTERN, "a path pattern of CloudFront, beginning with a slash", "/static/*")]
CheckPath = Annotated[str, *_text(_PATH, "a path, beginning with a slash", "/health/live")]
MetricName = Annotated[str, *_text(_METRIC, "a name of CloudWatch without spaces", "ModelHealth")]
RuleGroup = Annotated[str, *_text(_GROUP, "a managed rule group of AWS", "AWSManagedRulesCommonRuleSet")]
CheckInterval = Annotated[
    int,
    AfterValidator(_interval),
    WithJsonSchema({"type": "integer", "enum": list(CHECK_INTERVALS), "minimum": 10, "maximum": 30}),
]
Percent = Annotated[int, Field(ge=0, le=100)]
Bias = Annotated[int, Field(ge=-99, le=99)]
PerMinute = Annotated[int, Field(ge=1, le=100_000_000)]
