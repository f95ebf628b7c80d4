"""What the twin sees of a copy from outside: a promotion that no API of AWS was asked for, and nothing else as one."""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.facts import Gate
from tests.twin.postgres.stage import MASTER, Eventually, free_port
from twin.postgres import Server, Servers
from twin.sampling import CopySampler

pytestmark = pytest.mark.twin

GATE = """
create schema lifeboat; create table lifeboat.gate ();
create function lifeboat.refusal() returns text language sql as 'select null::text'
"""
"""As little of the gate as a look needs."""

ADDRESSES = ("127.0.235.10", "127.0.236.10")


@pytest.fixture
def pair(servers: Servers) -> Iterator[tuple[Server, Server]]:
    first = servers.create("sampled-first", ADDRESSES[0], free_port(ADDRESSES[0]), MASTER)
    with first.connect(MASTER.database) as session:
        session.execute(GATE)
    second = servers.replicate(first, "sampled-second", ADDRESSES[1], free_port(ADDRESSES[1]))
    yield first, second
    servers.remove(second)
    servers.remove(first)


@pytest.fixture
def samplers(pair: tuple[Server, Server]) -> Iterator[tuple[CopySampler, CopySampler]]:
    def sampler(server: Server) -> CopySampler:
        twin = SimpleNamespace(
            rds=SimpleNamespace(server=lambda _region, _name: server),
            names=SimpleNamespace(db_instance=lambda database, region: f"{database}-{region}"),
        )
        return CopySampler(cast(Any, twin), MASTER.database, "somewhere", "none")

    made = sampler(pair[0]), sampler(pair[1])
    yield made
    for each in made:
        each.stop()


def test_a_replica_that_is_promoted_by_itself_is_seen_once_and_at_that_moment(
    pair: tuple[Server, Server], samplers: tuple[CopySampler, CopySampler], eventually: Eventually
) -> None:
    writer, replica = samplers
    eventually(lambda: replica.seen.in_recovery and is_up(writer))
    pair[1].promote()
    eventually(lambda: is_up(replica) and not replica.seen.in_recovery)
    assert len(replica.promoted_at) == 1
    assert writer.promoted_at == []


def test_a_writer_that_was_away_is_none_that_was_promoted(
    pair: tuple[Server, Server], samplers: tuple[CopySampler, CopySampler], eventually: Eventually
) -> None:
    writer, replica = samplers
    eventually(lambda: replica.seen.in_recovery and is_up(writer))
    for server, sampler in zip(pair, samplers, strict=True):
        server.kill()
        eventually(partial(is_down, sampler))
        server.start()
        eventually(partial(is_up, sampler))
    assert (writer.promoted_at, replica.promoted_at) == ([], [])


def test_a_promotion_behind_the_curtain_is_seen_when_it_is_back(
    pair: tuple[Server, Server], samplers: tuple[CopySampler, CopySampler], eventually: Eventually
) -> None:
    """It dies in the midst: whoever looks sees a replica, nothing for a while, and then a writer."""
    _, replica = samplers
    eventually(lambda: replica.seen.in_recovery)
    pair[1].promote()
    pair[1].kill()
    eventually(lambda: is_down(replica))
    pair[1].start()
    eventually(lambda: is_up(replica) and not replica.seen.in_recovery)
    assert len(replica.promoted_at) == 1


def is_down(sampler: CopySampler) -> bool:
    return sampler.seen.gate is Gate.DOWN


def is_up(sampler: CopySampler) -> bool:
    return sampler.seen.gate is not Gate.DOWN
