"""Times as operators write them: ``30m``, ``2h``, ``2026-11-21T03:40``."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from failover.errors import RequestInvalidError

DURATION: Final = re.compile(r"(\d{1,7})([smhd]?)")
UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "": timedelta(minutes=1),
}
LONGEST_MINUTES: Final = 30 * 24 * 60
"""Of an order that ends by itself: one that is meant for longer is forgotten before."""


def duration(text: str) -> timedelta:
    """Read ``30m``, ``2h`` or a number of minutes; raises ``RequestInvalidError``."""
    match = DURATION.fullmatch(text)
    if match is None:
        raise RequestInvalidError(f"for: got {text!r}; a number of minutes, 30m, or 2h")
    return int(match[1]) * UNITS[match[2]]


def moment(text: str, now: datetime) -> datetime:
    """Read a time, in UTC where it says no other zone, or how long ago it is; raises ``RequestInvalidError``."""
    try:
        ago = DURATION.fullmatch(text)
        told = now - int(ago[1]) * UNITS[ago[2]] if ago else datetime.fromisoformat(text)
    except (ValueError, OverflowError) as exc:
        raise RequestInvalidError(
            f"since: got {text!r}; how long ago, as 2h, or a time, as {now:%Y-%m-%dT%H:%M}"
        ) from exc
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def said(at: datetime) -> str:
    """Return a time as every command says it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def long(seconds: float) -> str:
    """Return how long something takes or is ago, in the unit in which people think of it."""
    if abs(seconds) < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 7200 else f"{seconds / 3600:.0f} h"
