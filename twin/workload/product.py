"""What the service answers, apart from how it is asked."""

import os
import time
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from twin.workload.copies import Copy
from twin.workload.figures import Figures
from twin.workload.health import DeepHealth, Status
from twin.workload.session import SessionLostError, StatementRefusedError
from twin.workload.writing import NotWrittenError, RowWriter

BUDGET_SECONDS: Final = 1.5
"""All that one request may take; clients wait for 2 s."""
LARGEST_NUMBER: Final = 2**63 - 1
LONGEST_NAME: Final = 200
READ: Final = "SELECT number FROM public.rows WHERE client = $1 ORDER BY number"

Answer = tuple[HTTPStatus, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Product:
    """The service of one region; ``local`` is its own copy, read as ``app_ro``."""

    region: str
    local: Copy
    writer: RowWriter
    health: DeepHealth
    figures: Figures

    def live(self) -> Answer:
        """Say that the process runs, and which one it is."""
        return HTTPStatus.OK, {"region": self.region, "process": os.getpid()}

    def deep(self) -> Answer:
        """Say how every part of the region is."""
        parts = self.health.parts()
        sick = any(part.status is Status.UNHEALTHY for part in parts.values())
        told = {
            "region": self.region,
            "parts": {name: asdict(part) for name, part in parts.items()},
            "zones": self.health.zones(),
            **self.figures.told(),
        }
        return HTTPStatus.SERVICE_UNAVAILABLE if sick else HTTPStatus.OK, told

    def served(self, answer: Answer, seconds: float) -> None:
        """Count a request for the figures, if it was this region's alone to answer well and fast.

        A 503 is a database's doing, which a part of the deep health tells; a row that another region's copy took
        waited for that one. Counted here, the trouble of the writer's region would be every region's.
        """
        status, told = answer
        if status != HTTPStatus.SERVICE_UNAVAILABLE and told.get("committed_in", self.region) == self.region:
            self.figures.note(seconds, failed=status >= HTTPStatus.INTERNAL_SERVER_ERROR)

    def write(self, request: object) -> Answer:
        """Write one numbered row of a client."""
        client, number = _row_of(request)
        if client is None or number is None:
            reason = (
                f"{request!r:.200}: not a row; send a JSON object with client, a name of 1 to {LONGEST_NAME} "
                f"printable characters, and number, from 0 to {LARGEST_NUMBER}"
            )
            return HTTPStatus.BAD_REQUEST, {"region": self.region, "reason": reason}
        try:
            committed = self.writer.write(client, number, time.monotonic() + BUDGET_SECONDS)
        except NotWrittenError as exc:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"region": self.region, "reason": str(exc)}
        return HTTPStatus.CREATED, {"region": self.region, **asdict(committed)}

    def read(self, client: str) -> Answer:
        """Read the numbers of a client's rows, here."""
        deadline = time.monotonic() + BUDGET_SECONDS
        try:
            with self.local.session(deadline) as session:
                rows = session.rows(READ, client, deadline=deadline)
        except (SessionLostError, StatementRefusedError) as exc:
            return HTTPStatus.SERVICE_UNAVAILABLE, {"region": self.region, "reason": str(exc)}
        numbers = [int(number) for (number,) in rows if number is not None]
        return HTTPStatus.OK, {"region": self.region, "client": client, "numbers": numbers}


def _row_of(request: object) -> tuple[str | None, int | None]:
    if not isinstance(request, dict):
        return None, None
    client, number = request.get("client"), request.get("number")
    named = isinstance(client, str) and 1 <= len(client) <= LONGEST_NAME and client.isprintable()
    numbered = type(number) is int and 0 <= number <= LARGEST_NUMBER
    return client if named else None, number if numbered else None
