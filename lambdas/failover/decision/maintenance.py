"""Weekly windows in which nothing fails over by itself: a pure function of the time in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from failover.topology import Maintenance

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def in_maintenance(windows: Iterable[Maintenance], region: str, now: datetime) -> bool:
    """Whether one of the windows is open for a region; a window may last over midnight and over a week's end."""
    return any(_is_open(window, now.astimezone(UTC)) for window in windows if window.region in (None, region))


def _is_open(window: Maintenance, now: datetime) -> bool:
    hour, minute = map(int, window.begins.split(":"))
    days_ago = (now.weekday() - WEEKDAYS.index(window.weekday)) % 7
    begun = (now - timedelta(days=days_ago)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    if begun > now:  # it begins later today: the last one was a week ago
        begun -= timedelta(days=7)
    return now - begun < timedelta(minutes=window.minutes)
