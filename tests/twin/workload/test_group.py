"""A group's clients send when a write is due, and tell how late they were and what they could not send."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, cast

from rehearsal.form import Load
from rehearsal.history import Outcome
from tests.products import US
from twin.dns.resolver import CachingResolver, Resolution
from twin.workload.group import MOST_WORKERS, Group
from twin.workload.ledger import ClientWrite, Ledger
from twin.workload.sending import Reply, Sender

RATE = 20.0


class Acknowledging:
    """A product in the place of a sender, which takes as long as it is told."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def post(self, name: str, addresses: Iterable[str], path: str, request: object, deadline: float) -> Reply:
        time.sleep(self.seconds)
        return Reply(201, {"region": US, "committed_in": US, "epoch": 1, "committed_at": 0.0})


class Unreadable(Acknowledging):
    """One whose acknowledgement does not say where it was committed."""

    def post(self, name: str, addresses: Iterable[str], path: str, request: object, deadline: float) -> Reply:
        return Reply(201, {"region": US, "epoch": 1, "committed_at": 0.0})


class Clock:
    """Seconds that go on, and a pause of the whole process whenever a test says so."""

    def __init__(self) -> None:
        self.missed = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.missed


def group(sender: Any, clock: Clock, load: Load) -> tuple[Group, Ledger]:
    ledger = Ledger()
    resolver = CachingResolver(lambda name: Resolution(name, ("127.0.0.1",), 60))
    return Group(US, "app", cast(Sender, sender), resolver, load, ledger=ledger, now=clock), ledger


def played(seconds: float, *, pause: float = 0.0, takes: float = 0.0, load: Load | None = None) -> list[ClientWrite]:
    clock = Clock()
    told, ledger = group(Acknowledging(takes), clock, load or Load(writes_per_second=RATE))
    told.start(0.5)  # so that none is due just when it ends
    time.sleep(seconds / 2)
    clock.missed = pause
    time.sleep(seconds / 2)
    told.end()
    told.join(time.monotonic() + 6.0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("client-")]
    return sorted(ledger.writes(), key=lambda write: write.number)


def gaps(writes: list[ClientWrite]) -> set[float]:
    due = [each.due_at or 0.0 for each in writes]
    return {round(later - earlier, 6) for earlier, later in pairwise(due)}


def test_writes_are_due_at_their_rate_however_long_each_takes() -> None:
    writes = played(1.0, takes=0.8)
    assert gaps(writes) == {1 / RATE}
    assert 18 <= len(writes) <= 22
    assert all(0.8 <= each.ended_at - (each.due_at or 0.0) < 1.8 for each in writes)


def test_what_was_due_in_a_pause_of_the_clients_is_sent_late_and_measured_from_when_it_was_due() -> None:
    writes = played(1.0, pause=1.0)
    assert gaps(writes) == {1 / RATE}
    assert {each.outcome for each in writes} == {Outcome.ACKNOWLEDGED}
    assert len(writes) >= 38
    assert max(each.sent_at - (each.due_at or 0.0) for each in writes) > 0.9


def test_what_was_due_too_long_ago_is_not_sent_and_told_as_that() -> None:
    writes = played(1.0, pause=5.0)
    assert gaps(writes) == {1 / RATE}
    assert [each.number for each in writes] == list(range(1, len(writes) + 1))
    unsent = [each for each in writes if each.outcome is Outcome.UNSENT]
    assert 55 <= len(unsent) <= 65, "those of the first 3 s of the 5: users would have waited for the others"
    sent = [each for each in writes if each.outcome is not Outcome.UNSENT]
    assert max(each.sent_at - (each.due_at or 0.0) for each in sent) <= 2.1


def test_what_was_not_sent_is_no_failure_of_the_product() -> None:
    ledger = Ledger()
    ledger.add(ClientWrite(US, 1, 5.0, 5.0, Outcome.UNSENT, due_at=1.0))
    assert ledger.latest(US).failed_at is None
    (write,) = ledger.writes()
    assert (write.as_write().outcome, write.as_write().due) == (Outcome.UNSENT, 1.0)


def test_what_was_due_and_found_nobody_to_send_it_is_told_at_the_end() -> None:
    writes = played(1.2, takes=1.95, load=Load(writes_per_second=300))
    assert gaps(writes) == {round(1 / 300, 6)}
    assert [each.number for each in writes] == list(range(1, len(writes) + 1))
    assert len(writes) >= 360
    outcomes = Counter(each.outcome for each in writes)
    assert set(outcomes) == {Outcome.ACKNOWLEDGED, Outcome.UNSENT}
    assert outcomes[Outcome.ACKNOWLEDGED] >= MOST_WORKERS, "a few begin again where it took long to start them all"


def test_an_end_before_the_start_and_a_second_one_tell_of_nothing() -> None:
    never, nothing = group(Acknowledging(), Clock(), Load())
    never.end()
    told, ledger = group(Acknowledging(), Clock(), Load(writes_per_second=RATE))
    told.start(0.5)
    time.sleep(0.3)
    told.end()
    told.join(time.monotonic() + 6.0)
    written = ledger.writes()
    time.sleep(0.2)
    told.end()
    assert (nothing.writes(), ledger.writes()) == ((), written)


def test_an_acknowledgement_that_cannot_be_read_is_none_and_ends_no_client() -> None:
    told, ledger = group(Unreadable(), Clock(), Load(writes_per_second=RATE))
    told.start(0.5)
    time.sleep(3.0)
    told.end()
    told.join(time.monotonic() + 6.0)
    assert {each.outcome for each in ledger.writes()} == {Outcome.FAILED}
    assert len(ledger.writes()) >= 58, "more than it has threads"
    assert "committed_in" in ledger.writes()[0].reason


def test_a_load_grows() -> None:
    clock = Clock()
    clock.missed = -time.monotonic()
    told, ledger = group(Acknowledging(), clock, Load.model_validate({"grows": {"times": 10, "within": "1s"}}))
    told.start(0.0)
    time.sleep(2.0)
    told.end()
    told.join(time.monotonic() + 6.0)
    late = [each for each in ledger.writes() if 1.0 <= (each.due_at or 0.0) < 2.0]
    assert 45 <= len(late) <= 51
