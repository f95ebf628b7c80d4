"""Deep health of one region: whether what runs there can do what its role asks of it.

The region of the writer must be able to write. A region of a replica must be able to read, and is not blamed
for a writer that is dead elsewhere: else the loss of one region would make every other look lost too. Nor is the
region of a writer that was fenced: it has handed over, and writes for its users where the new one is. A lost
primary that came back is no replica, and its gate is shut: it is unhealthy, and so it gets no traffic.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twin.workload.copies import Copy
from twin.workload.session import SessionLostError, StatementRefusedError

ANSWER_SECONDS: Final = 1.0
"""Observers wait for 2 s, the connection included."""

ROLE: Final = """
SELECT pg_is_in_recovery(), to_regprocedure('lifeboat.refusal()') IS NOT NULL,
       current_setting('default_transaction_read_only')
"""
REFUSAL: Final = "SELECT lifeboat.refusal(), fenced FROM lifeboat.gate"


class Status(StrEnum):
    """``ABSENT`` is no fault: this region has no such part, or not in its role of now."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a region, how long it took to ask it, and the reason when it is not healthy."""

    status: Status
    milliseconds: float = 0.0
    reason: str = ""


class DeepHealth:
    """Asks the copy of its own region, logged in as ``app_ro``, and nothing elsewhere.

    Where the region has several databases, a part of each is ``database_write:<name>``; this workload has one.
    """

    def __init__(self, local: Copy) -> None:
        self._local = local
        self._was_writer = False

    def zones(self) -> dict[str, str]:
        """Return the status of the availability zones of the region; the twin has one machine for all of them."""
        return {f"{self._local.region}{letter}": Status.HEALTHY.value for letter in "abc"}

    def parts(self) -> dict[str, Part]:
        """Return the state of every part now; takes a second at most."""
        read, write = self._database()
        return {
            "edge": Part(Status.HEALTHY),
            "application": Part(Status.HEALTHY),
            "database_write": write,
            "database_read": read,
            "cache": Part(Status.ABSENT, reason="the workload keeps nothing in a cache"),
        }

    def _database(self) -> tuple[Part, Part]:
        began = time.monotonic()
        deadline = began + ANSWER_SECONDS
        try:
            with self._local.session(deadline) as session:
                in_recovery, gated, read_only = session.row(ROLE, deadline=deadline)
                read = Part(Status.HEALTHY, _since(began))
                self._was_writer = in_recovery == "f" and gated == "t"
                if in_recovery == "t":
                    return read, Part(Status.ABSENT, reason="the copy here is a replica")
                if gated == "f":
                    return read, Part(Status.ABSENT, reason="the gate is not installed")
                if read_only == "on":
                    return read, Part(Status.UNHEALTHY, _since(began), "the server takes no writes of anybody")
                refusal, fenced = session.row(REFUSAL, deadline=deadline)
                if fenced == "t":
                    return read, Part(Status.ABSENT, reason="the copy here was fenced: its writer is elsewhere")
                if refusal is None:
                    return read, Part(Status.HEALTHY, _since(began))
                return read, Part(Status.UNHEALTHY, _since(began), refusal)
        except (SessionLostError, StatementRefusedError) as exc:
            failed = Part(Status.UNHEALTHY, _since(began), str(exc))
            if self._was_writer:
                return failed, failed
            return failed, Part(Status.ABSENT, _since(began), "the copy here does not say whether it is the writer")


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
