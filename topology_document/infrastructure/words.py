"""The kinds of text that the areas' sections are written in."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from topology_document.values import refused

_INSTANCE_TYPE: Final = r"[a-z][a-z0-9-]*\.[a-z0-9-]+"
_IMAGE: Final = r"[a-z0-9][a-z0-9./_-]*:[A-Za-z0-9._-]+"
_PATH: Final = r"/[a-z0-9/_.-]*"


def worded(pattern: str, allowed: str, example: str) -> tuple[Any, Any]:
    """Return what refuses another text, with the example as its fix, and what editors are told."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise refused(allowed, f"write it such as {example}")
        return value

    described = f"{allowed[:1].upper()}{allowed[1:]}."
    told = {"type": "string", "pattern": f"^(?:{pattern})$", "description": described, "examples": [example]}
    return AfterValidator(check), WithJsonSchema(told)


InstanceType = Annotated[str, *worded(_INSTANCE_TYPE, "an EC2 instance type", "m7g.large")]
Image = Annotated[str, *worded(_IMAGE, "a container image with its tag", "shop/api:1.0.0")]
UrlPath = Annotated[str, *worded(_PATH, "the beginning of a URL's path", "/api")]

KEPT_DAYS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288)
MOST_KEPT_DAYS: Final = 3653
"""CloudWatch Logs keeps a group for one of these numbers of days (API reference, PutRetentionPolicy)."""


def _kept(value: int) -> int:
    if value not in KEPT_DAYS and value != MOST_KEPT_DAYS:
        longer = next(each for each in (*KEPT_DAYS, MOST_KEPT_DAYS) if each > value)
        raise refused("a retention that CloudWatch Logs has", f"write {longer}, the next that it has")
    return value


LogDays = Annotated[int, Field(ge=1, le=MOST_KEPT_DAYS), AfterValidator(_kept)]
