"""A violation that is planted: whenever an incident is opened, I6 is said to be broken."""

from typing import Any

import pytest

from failover.invariants import Complaint
from failover.records import JournalEntry
from simulator.checking import Checker, Violated

WHY = "an incident was opened [in a test]"


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every checker complain of each incident that is opened."""
    stored, look = Checker.stored, Checker.look
    opened: list[tuple[Checker, float]] = []

    def watch(checker: Checker, record: Any, at: float) -> None:
        stored(checker, record, at)
        if isinstance(record, JournalEntry) and record.kind == "INCIDENT_OPENED":
            opened.append((checker, at))

    def complain(checker: Checker) -> None:
        look(checker)
        if opened and opened[-1][0] is checker:
            raise Violated(Complaint("I6", WHY, opened.pop()[1]))

    monkeypatch.setattr(Checker, "stored", watch)
    monkeypatch.setattr(Checker, "look", complain)
