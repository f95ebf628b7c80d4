"""Real servers: what streams, what a crash loses, what a promotion keeps, and that nothing outlives its owner."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.twin.postgres.stage import MASTER, Eventually, free_port
from twin.postgres import PostgresError, Server, Servers

pytestmark = pytest.mark.twin


def add(server: Server, *numbers: int) -> None:
    with server.connect("orders") as session:
        for number in numbers:
            session.execute("insert into numbers values (%s)", (number,))


def numbers(server: Server) -> list[int]:
    with server.connect("orders") as session:
        return [row[0] for row in session.execute("select n from numbers order by n")]


def caught_up(primary: Server, replica: Server) -> bool:
    return replica.positions().replayed >= primary.positions().received


def test_a_replica_has_what_its_primary_has_and_refuses_writes(
    primary: Server, replica: Server, eventually: Eventually
) -> None:
    add(primary, 1, 2)
    eventually(lambda: caught_up(primary, replica))
    assert numbers(replica) == [1, 2]
    assert replica.is_in_recovery() and not primary.is_in_recovery()
    assert replica.system_identifier() == primary.system_identifier()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        add(replica, 3)


def test_what_was_received_survives_the_kill_of_the_primary(
    primary: Server, replica: Server, eventually: Eventually
) -> None:
    add(primary, *range(50))
    eventually(lambda: replica.positions().received >= primary.positions().received)
    primary.kill()
    replica.promote()
    assert numbers(replica) == list(range(50))
    add(replica, 50)
    assert replica.timeline() == 2


def test_a_killed_server_ends_every_session_and_keeps_what_it_acknowledged(primary: Server) -> None:
    with primary.connect("orders") as session:
        session.execute("insert into numbers values (7)")
        primary.kill()
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert not primary.running
    with pytest.raises(PostgresError, match="does not answer"):
        primary.connect()
    primary.start()
    assert numbers(primary) == [7]


def test_a_cut_makes_lag_and_its_end_takes_it_away(primary: Server, replica: Server, eventually: Eventually) -> None:
    add(primary, 1)
    eventually(lambda: caught_up(primary, replica))
    replica.stop_receiving()
    with primary.connect() as session:
        eventually(lambda: session.execute("select * from pg_stat_replication").fetchone() is None)
    add(primary, 2)
    time.sleep(0.5)  # Twice the time after which a replica asks for WAL again.
    assert numbers(replica) == [1]
    assert replica.positions().received < primary.positions().received
    replica.resume_receiving()
    eventually(lambda: caught_up(primary, replica))
    assert numbers(replica) == [1, 2]


def test_delayed_replay_has_received_what_it_does_not_show(
    primary: Server, replica: Server, eventually: Eventually
) -> None:
    replica.delay_replay(60)
    add(primary, 1)
    eventually(lambda: replica.positions().received >= primary.positions().received)
    assert numbers(replica) == []
    assert replica.positions().replayed < replica.positions().received
    replica.promote()
    assert numbers(replica) == [1]


def test_a_lost_primary_rejoins_without_what_the_new_one_lacks(
    servers: Servers, replica: Server, eventually: Eventually
) -> None:
    old = replica
    old.promote()
    new = servers.replicate(old, "new", "127.0.203.10", free_port("127.0.203.10"))
    add(old, 1)
    eventually(lambda: caught_up(old, new))
    new.stop_receiving()
    with old.connect() as session:
        eventually(lambda: session.execute("select * from pg_stat_replication").fetchone() is None)
    add(old, 99)
    old.kill()
    new.promote()
    add(new, 2)
    old.rewind(new)
    old.start()
    eventually(lambda: caught_up(new, old))
    assert numbers(old) == [1, 2]
    assert old.is_in_recovery() and old.timeline() == new.timeline() == 3
    servers.remove(new)


def test_two_databases_are_never_taken_for_one(servers: Servers, primary: Server) -> None:
    other = servers.create("second", "127.0.203.10", free_port("127.0.203.10"), MASTER)
    assert other.system_identifier() != primary.system_identifier()
    servers.remove(other)


def test_the_master_user_owns_its_database_and_is_no_superuser(primary: Server) -> None:
    where = {"host": primary.address, "port": primary.port, "dbname": MASTER.database}
    with psycopg.connect(user=MASTER.user, password=MASTER.password, **where) as session:  # type: ignore[arg-type]
        session.execute("create schema ours; create role app_rw login; alter role app_rw nologin")
        row = session.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
        assert row == (False,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(user=MASTER.user, password="wrong", **where)  # type: ignore[arg-type]


def test_an_address_in_use_is_told_with_the_servers_own_words(servers: Servers, primary: Server) -> None:
    with pytest.raises(PostgresError, match="Address already in use"):
        servers.create("second", primary.address, primary.port, MASTER)
    with pytest.raises(PostgresError, match="already; remove it first"):
        servers.create("primary", "127.0.203.10", free_port("127.0.203.10"), MASTER)


def test_servers_run_as_an_unprivileged_user(servers: Servers, primary: Server) -> None:
    lock = (primary.data / "postmaster.pid").read_text().splitlines()
    status = Path(f"/proc/{lock[0]}/status").read_text()
    uid = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
    assert uid != "0"
    assert primary.data.stat().st_mode & 0o777 == 0o700


OWNER = """
import signal, sys, time
# A shell's background job, and all that it starts, begins with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from twin.postgres import Credentials, Servers
servers = Servers()
primary = servers.create("primary", "127.0.204.10", int(sys.argv[1]), Credentials("owner", "x", "orders"))
servers.replicate(primary, "replica", "127.0.205.10", int(sys.argv[1]))
print(primary.data.parent.parent, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_nothing_outlives_its_owner(end: signal.Signals, tmp_path: Path, eventually: Eventually) -> None:
    root = Path(__file__).parents[3]
    shared_memory = Path("/proc/sysvipc/shm").read_text
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(free_port("127.0.204.10"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
    )
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    locks = [(folder / name / "data" / "postmaster.pid").read_text().split() for name in ("primary", "replica")]
    processes = [int(lock[0]) for lock in locks]
    running = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    children = [pid for pid in running if _parent(pid) in processes]
    assert len(children) >= 8  # checkpointers, writers, sender, receiver, …

    owner.send_signal(end)
    owner.wait(timeout=10)
    owner.stdout.close()

    eventually(lambda: not folder.exists())
    assert [pid for pid in (*processes, *children) if Path(f"/proc/{pid}").exists()] == []
    left = {line.split()[1] for line in shared_memory().splitlines()[1:]}
    assert left.isdisjoint(_shared_memory_of(lock) for lock in locks)


def _shared_memory_of(lock: list[str]) -> str:
    return lock[-2]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
