"""Weekly windows, in UTC whatever zone the clock is written in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from failover.decision.maintenance import in_maintenance
from failover.topology import Maintenance
from tests.products import EU, US

NIGHT = Maintenance("sunday", "23:00", 120)
MORNING = Maintenance("thursday", "09:00", 60, US)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week of Monday, 5 January 2026."""
    return datetime(2026, 1, 4 + day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "is_open"),
    [
        (MORNING, at(4, 8, 59), False),
        (MORNING, at(4, 9), True),
        (MORNING, at(4, 9, 59), True),
        (MORNING, at(4, 10), False),
        (MORNING, at(3, 9, 30), False),
        (NIGHT, at(7, 22, 59), False),
        (NIGHT, at(7, 23), True),
        (NIGHT, at(8, 0, 59), True),
        (NIGHT, at(8, 1), False),
        (NIGHT, at(1, 0, 30), True),
        (Maintenance("monday", "00:00", 1440), at(2, 0), False),
        (Maintenance("monday", "12:00", 1440), at(2, 11, 59), True),
        (Maintenance("monday", "12:00", 1440), at(1, 11, 59), False),
    ],
)
def test_a_window_is_open_from_its_beginning_for_its_minutes_over_midnight_too(
    window: Maintenance, now: datetime, is_open: bool
) -> None:
    assert in_maintenance((window,), US, now) is is_open


def test_a_window_is_for_its_region_or_for_all() -> None:
    assert not in_maintenance((MORNING,), EU, at(4, 9, 30))
    assert in_maintenance((MORNING, NIGHT), EU, at(7, 23, 30))
    assert not in_maintenance((), US, at(4, 9, 30))


def test_another_zones_clock_says_the_same() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert in_maintenance((NIGHT,), US, at(7, 23, 30).astimezone(tokyo))
