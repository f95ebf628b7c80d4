"""Clients: they follow DNS as fast as its TTL lets them, keep their rate, and remember what happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rehearsal.form import Load
from rehearsal.history import Outcome
from tests.twin.workload.world import EU, TTL_SECONDS, US, World, eventually
from twin.network import Cut
from twin.workload.clients import Clients
from twin.workload.ledger import ClientWrite, Ledger

pytestmark = pytest.mark.twin


@pytest.fixture
def clients(world: World, epoch: int) -> Iterator[Clients]:
    world.points_at = {US: US, EU: EU}
    clients = world.clients(US, EU)
    clients.start()
    eventually(lambda: clients.latest(US).reached == US and clients.latest(EU).reached == EU)
    yield clients
    clients.stop()
    world.network.heal_all()


def test_each_group_is_served_near_and_its_writes_are_told(clients: Clients, world: World, epoch: int) -> None:
    clients.stop()
    writes = [w for w in clients.writes() if w.outcome is not Outcome.UNSENT]  # one may be due just when they stop
    assert {(w.group, w.service, w.committed_in, w.epoch, w.outcome) for w in writes} == {
        (group, group, US, epoch, Outcome.ACKNOWLEDGED) for group in (US, EU)
    }
    assert all(w.sent_at < w.ended_at < w.sent_at + 2 for w in writes)
    kept = writes[0].as_write(lost=True)
    assert (kept.group, kept.number, kept.lost) == (writes[0].group, writes[0].number, True)


def test_a_change_of_dns_is_followed_after_the_ttl_and_not_before(clients: Clients, world: World) -> None:
    changed = time.monotonic()
    world.points_at = {US: EU, EU: EU}
    took = eventually(lambda: clients.latest(US).reached == EU, TTL_SECONDS + 1.0)
    to_old = [w for w in clients.writes() if w.group == US and w.service == US and w.sent_at > changed]
    assert to_old or took < 0.15, "the answer was kept for what was left of its TTL"
    assert took < TTL_SECONDS + 0.3


@pytest.mark.parametrize(("how", "seconds"), [(Cut.DROPPED, 3.0), (Cut.REFUSED, 1.0)])
def test_a_group_keeps_its_rate_while_requests_hang(clients: Clients, world: World, how: Cut, seconds: float) -> None:
    world.network.cut("outside", US, how)
    cut_at = time.monotonic()
    time.sleep(seconds)
    sent = [w for w in clients.writes() if w.group == US and w.sent_at > cut_at + 0.1]
    eu = [w for w in clients.writes() if w.group == EU and w.sent_at > cut_at + 0.1]
    assert {w.outcome for w in sent} == {Outcome.FAILED}
    assert {w.outcome for w in eu} == {Outcome.ACKNOWLEDGED}, "one group's outage is not another's"
    assert clients.latest(US).reached is None
    # Ten a second, of which those that hang have not ended in the newest 2 s.
    assert len(sent) >= 7
    if how is Cut.DROPPED:
        assert all(1.9 < w.ended_at - w.sent_at < 2.5 for w in sent)


def test_a_dead_service_fails_and_its_return_is_noticed(clients: Clients, world: World) -> None:
    world.services[US].kill()
    eventually(lambda: clients.latest(US).reached is None and clients.latest(US).failed_at)
    world.services[US].start()
    eventually(lambda: clients.latest(US).reached == US)


def test_stopped_clients_send_nothing_and_leave_no_thread(clients: Clients) -> None:
    clients.stop()
    count = len(clients.writes())
    time.sleep(0.3)
    assert len(clients.writes()) == count
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("client-")]


def test_no_number_is_sent_twice(clients: Clients) -> None:
    clients.stop()
    keys = [(w.group, w.number) for w in clients.writes()]
    assert len(set(keys)) == len(keys)


def test_a_topology_without_a_route_that_writes_has_no_clients(world: World) -> None:
    with pytest.raises(ValueError, match="set writes: true"):
        Clients(replace(world.topology, routes=()), world.plan, (US,), Load(), world.authority.file, now=time.monotonic)


def test_the_newest_request_says_what_was_reached_however_late_an_older_one_ends() -> None:
    ledger = Ledger()
    ledger.add(ClientWrite(US, 2, 5.0, 5.1, Outcome.ACKNOWLEDGED, EU, EU))
    ledger.add(ClientWrite(US, 1, 4.0, 6.0, Outcome.FAILED))
    latest = ledger.latest(US)
    assert (latest.reached, latest.acknowledged_at, latest.failed_at) == (EU, 5.1, 6.0)
    assert (ledger.acknowledged_at(EU), ledger.acknowledged_at(US)) == (5.1, None)
