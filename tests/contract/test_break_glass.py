"""The program of docs/break-glass.md as it stands there: what it writes, Lifeboat takes for its own."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import topology_document
from failover.adapters.memory import ManualClock, MemoryCopy
from failover.adapters.memory.surroundings import NOON
from failover.errors import LeaseRefusedError
from failover.plain import from_plain
from failover.procedures.guarding import renew
from failover.procedures.requests import Machine, read_request
from failover.records import (
    DatabaseRecord,
    Divergence,
    Incident,
    IncidentState,
    LeaseRecord,
    LeaseState,
    Pause,
    Phase,
)
from tests.contract.conftest import TABLE, MotosStore, make_table
from tests.pages import block
from tests.products import AP, EU, QUORUM, US

ROOT = Path(__file__).parents[2]
PRODUCT = topology_document.load(ROOT / "topologies" / "quickstart.yaml")
EPOCH, RECEIVED = 17, 16511992
OPEN = Incident("us-east-1-9", US, EU, 3, IncidentState.HOLDING, "R330", "down", NOON, "d1ge57", ("orders",))
PAUSE = Pause("by hand", NOON + timedelta(days=1))


@pytest.fixture
def store(aws: None) -> MotosStore:
    make_table(QUORUM[0])
    return MotosStore(TABLE, QUORUM[:1])


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.chdir(ROOT)

    def run(word: str, source: str = block("break-glass", "by-hand.py")) -> None:
        monkeypatch.setattr(sys, "argv", ["by-hand.py", word])
        exec(compile(source, "by-hand.py", "exec"), {})

    return run


def lived(store: MotosStore) -> DatabaseRecord:
    """A product that has run for a while, and whose incident hangs past its point of no return."""
    first = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 41))
    store.initialise([first])
    control = store.control()
    store.change_control(control, replace(control, term=3, incident=OPEN, pause=PAUSE, evacuated={US: OPEN.id}))
    return store.change_database(first, replace(first, phase=Phase.PROMOTING, target=EU, incident=OPEN.id))


def test_from_the_revocation_on_no_guard_renews(store: MotosStore, by_hand: Callable[[str], None]) -> None:
    lived(store)
    by_hand("revoke")
    copy = MemoryCopy(ManualClock())
    copy.admit(1, NOON.timestamp() + 18)
    with pytest.raises(LeaseRefusedError):
        renew(store, copy, store.database("orders"), US, PRODUCT.lease)


def test_the_guard_of_the_new_region_takes_the_writer_over(store: MotosStore, by_hand: Callable[[str], None]) -> None:
    lived(store)
    by_hand("moved")
    copy = MemoryCopy(ManualClock())
    copy.admit(EPOCH, NOON.timestamp() + 60)
    assert renew(store, copy, store.database("orders"), EU, PRODUCT.lease)
    after = store.database("orders")
    assert (after.writer, after.epoch, after.phase, after.incident) == (EU, EPOCH, Phase.STEADY, None)
    assert after.lease.renewal == 43
    assert after.lease.lasts_seconds == 60  # the loop may have opened the gate for as long
    with pytest.raises(LeaseRefusedError):
        renew(store, copy, after, US, PRODUCT.lease)


def test_the_incident_is_over_the_users_stay_away_and_it_is_still_paused(
    store: MotosStore, by_hand: Callable[[str], None]
) -> None:
    lived(store)
    by_hand("moved")
    control = store.control()
    assert control.incident is None
    assert (control.term, control.closed, control.evacuated) == (3, OPEN.id, {US: OPEN.id})
    assert control.pause == PAUSE


def test_each_other_copy_may_be_brought_back(store: MotosStore, by_hand: Callable[[str], None]) -> None:
    lived(store)
    by_hand("moved")
    record = store.database("orders")
    assert record.diverged == {US: Divergence(1, RECEIVED), AP: Divergence(1, RECEIVED)}
    for region in (US, AP):
        request = read_request(Machine.FAILBACK, {"subject": region, "reason": "back"}, PRODUCT, [record], EU)
        assert request.databases == ("orders",)


def test_a_table_that_was_lost_is_filled_again(store: MotosStore, by_hand: Callable[[str], None]) -> None:
    by_hand("moved")
    assert (store.database("orders").writer, store.database("orders").epoch) == (EU, EPOCH)
    assert store.control().evacuated == {US: f"by-hand-{EPOCH}"}


def test_a_writer_that_stayed_evacuates_nobody(store: MotosStore, by_hand: Callable[..., None]) -> None:
    by_hand("moved", block("break-glass", "by-hand.py").replace('"us-east-1", "eu-west-1"', '"eu-west-1", "eu-west-1"'))
    assert store.database("orders").diverged == {}
    assert store.control().evacuated == {}


def test_the_document_for_the_console_is_what_the_program_writes(
    store: MotosStore, by_hand: Callable[[str], None]
) -> None:
    lived(store)
    by_hand("moved")
    typed = from_plain(DatabaseRecord, json.loads(block("break-glass", "document")))
    assert replace(typed, version=0) == replace(store.database("orders"), version=0)
