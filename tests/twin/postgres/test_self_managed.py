"""Servers on hosts of one's own: the product's driver, Run Command of the twin, real PostgreSQL."""

import json
from collections.abc import Iterator

import pytest

from failover.adapters.aws import self_managed
from failover.adapters.aws.self_managed import SelfManagedReplicas
from failover.adapters.memory import MemoryShelf
from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from failover.errors import FatalError, PromotionNotDoneError, ReplicaNotReadyError
from failover.ports import CopyState, ReplicaState
from failover.procedures.desk import DatabaseDesk
from failover.records import LossAllowed
from failover.tails import Archive
from failover.topology import Names
from tests.products import EU, US
from tests.products import quickstart as product
from tests.twin.postgres.stage import MASTER, Cloud, Eventually, free_port
from twin.aws.rds import Rds
from twin.aws.ssm import Hosts
from twin.postgres import Server, Servers

pytestmark = pytest.mark.twin

NAMES = Names(product())
FIRST, SECOND = NAMES.database_host("orders", US), NAMES.database_host("orders", EU)


class Pair:
    """A writer in us-east-1, its replica in eu-west-1, their agents, their hosts, and the driver."""

    def __init__(self, hosts: Hosts, first: Server, second: Server) -> None:
        self.hosts, self.servers = hosts, {US: first, EU: second}
        self.shelf = MemoryShelf(US)
        self.driver = SelfManagedReplicas(product(), agent=self)  # type: ignore[arg-type]

    def copy(self, region: str) -> PostgresDatabase:
        server = self.servers[region]
        address = Address(server.address, server.port, MASTER.user, MASTER.password, MASTER.database)
        return PostgresDatabase(address, ApplicationRoles("rw", "ro"))

    def describe(self, database: str, region: str) -> CopyState:
        return self.copy(region).describe()

    def promote(self, database: str, region: str) -> CopyState:
        return self.copy(region).promote()

    def admit(self, region: str, epoch: int) -> CopyState:
        copy = self.copy(region)
        return copy.admit(epoch, copy.clock().timestamp() + 120)

    def add(self, region: str, number: int) -> None:
        with self.servers[region].connect("orders") as session:
            session.execute("insert into numbers values (%s)", (number,))

    def numbers(self, region: str) -> list[int]:
        with self.servers[region].connect("orders") as session:
            return [row[0] for row in session.execute("select n from numbers order by n")]


@pytest.fixture
def pair(ministack: str, servers: Servers, eventually: Eventually, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    addresses = {US: "127.0.231.10", EU: "127.0.232.10"}
    first = servers.create("own-us", addresses[US], free_port(addresses[US]), MASTER)
    found: dict[str, Server] = {NAMES.database_address("orders", US): first}
    cloud = Cloud(_no_rds(), ministack, [])
    monkeypatch.setattr(self_managed, "client", cloud.client)
    monkeypatch.setattr(self_managed, "POLL_SECONDS", 0.05)
    with Hosts(servers, lambda name, port: found.get(name) if port == 5432 else None) as hosts:
        with first.connect("orders") as session:
            session.execute(f"set role {MASTER.user}; create table numbers (n int primary key); reset role")
            # What docs/engines.md asks for: it is a superuser's alone otherwise.
            session.execute(f"grant execute on function pg_promote(boolean, integer) to {MASTER.user}")
        second = servers.replicate(first, "own-eu", addresses[EU], free_port(addresses[EU]))
        found[NAMES.database_address("orders", EU)] = second
        made = Pair(hosts, first, second)
        made.copy(US).install()
        made.admit(US, 1)
        hosts.add(FIRST, first)
        hosts.add(SECOND, second)
        eventually(lambda: made.describe("orders", EU).gate_epoch == 1)
        yield made
    servers.remove(second)
    servers.remove(first)


def _no_rds() -> Rds:
    return None  # type: ignore[return-value]


def fail_over(pair: Pair) -> int:
    """The first region dies with a row that nobody has, and comes back; returns where the history forked."""
    pair.servers[EU].stop_receiving()
    pair.add(US, 99)
    pair.servers[US].kill()
    position = pair.describe("orders", EU).position
    pair.driver.promote("orders", EU, loss=LossAllowed.WITHIN_OBJECTIVE)
    pair.admit(EU, 2)
    pair.add(EU, 2)
    pair.servers[US].start()
    pair.copy(US).fence(2)
    return position


def test_a_promotion_is_postgresqls_own_and_may_be_asked_for_again(pair: Pair) -> None:
    assert pair.driver.describe("orders", US) == ReplicaState("available", None)
    assert pair.driver.describe("orders", EU).source
    for _ in range(2):
        pair.driver.promote("orders", EU, loss=LossAllowed.NONE)
        assert pair.driver.describe("orders", EU) == ReplicaState("available", None)
    assert pair.servers[EU].timeline() == 2
    pair.servers[EU].kill()
    with pytest.raises(PromotionNotDoneError):
        pair.driver.promote("orders", EU, loss=LossAllowed.NONE)


def test_what_only_the_old_writer_has_is_kept_and_then_it_is_rewound(pair: Pair, eventually: Eventually) -> None:
    pair.add(US, 1)
    eventually(lambda: pair.numbers(EU) == [1])
    position = fail_over(pair)
    asked = {"do": "archive", "database": "orders", "tail": {"epoch": 1, "position": position}}
    kept = DatabaseDesk({"orders": pair.copy(US)}, pair.shelf).answer(asked)
    assert isinstance(kept, Archive)
    assert (kept.rows, kept.complete, kept.rest) == (1, True, None)
    (lines,) = pair.shelf.files.values()
    assert json.loads(lines)["columns"] == {"n": "99"}

    pair.driver.rejoin("orders", US, EU, epoch=2)
    assert pair.servers[US].is_in_recovery()
    pair.add(EU, 3)
    eventually(lambda: pair.numbers(US) == [1, 2, 3])
    eventually(lambda: pair.describe("orders", US).gate_epoch == 2)
    assert not pair.describe("orders", US).gate_open
    with pair.servers[US].connect() as session:
        slots = session.execute("select slot_name from pg_replication_slots").fetchall()
    assert slots == []  # a slot that nobody moves would hold WAL for ever

    commands = len(pair.hosts.ran)
    pair.driver.rejoin("orders", US, EU, epoch=2)
    assert len(pair.hosts.ran) == commands  # it follows: nothing is run again


def test_where_it_cannot_be_rewound_it_is_copied_again(pair: Pair, eventually: Eventually) -> None:
    fail_over(pair)
    pair.servers[US].stop()
    (pair.servers[US].data / "global" / "pg_control").unlink()
    pair.driver.rejoin("orders", US, EU, epoch=2)
    eventually(lambda: pair.numbers(US) == [2])


def test_a_command_that_is_at_work_is_waited_for_and_one_that_fails_is_told(pair: Pair) -> None:
    fail_over(pair)
    (host,) = [each for each in pair.hosts._hosts.values() if each.name == FIRST]
    with host.lock, pytest.raises(ReplicaNotReadyError, match="still at work"):
        pair.driver.rejoin("orders", US, EU, epoch=2)
    pair.servers[EU].kill()
    with pytest.raises(FatalError, match="lifeboat-postgres rejoin ended Failed"):
        pair.driver.rejoin("orders", US, EU, epoch=2)


def test_a_host_that_nobody_knows_is_asked_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_over(pair)
    monkeypatch.setattr(pair.hosts, "_hosts", {})
    with pytest.raises(ReplicaNotReadyError, match=FIRST):
        pair.driver.rejoin("orders", US, EU, epoch=2)
