"""A wall clock that is wrong: ``time.time`` and ``datetime.now`` of a process are ahead, or behind.

``time.monotonic`` is right, as on a machine whose clock was set wrongly. What asks the kernel in C is right too:
OpenSSL looks at certificates by the true time, and so do file times and logs of C libraries.
"""

from __future__ import annotations

import datetime as datetimes
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def install(ahead: Callable[[], float]) -> None:
    """Set this process's wall clock ahead by what ``ahead`` says each time; before anything imports a clock."""
    true_time, true_time_ns, true_datetime = time.time, time.time_ns, datetimes.datetime

    class Sort(type):
        """Makes every datetime an instance: those that C code makes are of the true class."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, true_datetime)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, true_datetime)

    class datetime(datetimes.datetime, metaclass=Sort):  # noqa: N801  (it stands in for it)
        """The class of the standard library, by a clock that is wrong."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return true_datetime.fromtimestamp(true_time() + ahead(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return true_datetime.fromtimestamp(true_time() + ahead(), datetimes.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    changed: Any = time
    changed.time = lambda: true_time() + ahead()
    changed.time_ns = lambda: true_time_ns() + int(ahead() * 1e9)
    changed = datetimes
    changed.datetime = datetime
