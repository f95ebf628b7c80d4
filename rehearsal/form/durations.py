"""Durations as people write them: ``10s``, ``2m``, ``1m30s``, ``250ms``, ``1h``."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

PATTERN: Final = r"^(?=\d)(\d+h)?(\d+m(?!s))?(\d+(\.\d+)?s)?(\d+ms)?$"
UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def seconds_of(text: Any) -> float:
    """Return the seconds of a duration.

    Raises:
        PydanticCustomError: the text is no duration.
    """
    if not isinstance(text, str) or not re.match(PATTERN, text):
        raise PydanticCustomError(
            "duration",
            "not a duration",
            {"allowed": "a number with its unit: 250ms, 10s, 1m30s, 2m, 1h", "fix": "write the unit, as in 10s"},
        )
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text))


def written(seconds: float) -> str:
    """Return seconds as a duration of the form, exactly: ``2m``, ``8.3s``; ``seconds_of`` reads it back."""
    if seconds >= 120 and seconds % 60 == 0:
        return f"{seconds / 3600:.0f}h" if seconds % 3600 == 0 else f"{seconds / 60:.0f}m"
    digits = f"{Decimal(repr(float(seconds))):f}"
    return digits.removesuffix(".0") + "s"


def spoken(seconds: float) -> str:
    """Return seconds as people say them: ``8.3 s``, ``2 m 5 s``."""
    if seconds < 100:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} m {rest} s" if rest else f"{minutes} m"


Duration = Annotated[
    float,
    BeforeValidator(seconds_of),
    Field(ge=0),
    PlainSerializer(written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["10s", "1m30s", "250ms"]}),
]
