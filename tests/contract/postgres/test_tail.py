"""What an old writer had acknowledged and the new one lacks: exactly that is read from it when it returns."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from failover.adapters.postgres import tail as adapter
from failover.tails import TailPart, TailPoint
from tests.contract.postgres.conftest import Gated
from twin.postgres import Server

pytestmark = pytest.mark.twin


@pytest.fixture
def gated(server: Server, make_gated: Callable[[Server], Gated]) -> Gated:
    """A writer whose slot begins with the test."""
    server.start()
    with server.connect() as session:
        session.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")
    made = make_gated(server)
    made.owner().execute("alter table carts add column id int generated always as identity primary key")
    made.database.install()
    made.admit(epoch=1, seconds=300)
    return made


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline, "it did not come true within 15 s"
        time.sleep(0.02)


def caught_up(gated: Gated, replica: Gated) -> None:
    until(lambda: replica.database.inspect().replayed >= gated.database.describe().position)


def cut_off(gated: Gated, replica: Gated) -> None:
    """From here on the replica receives nothing."""
    caught_up(gated, replica)
    replica.server.stop_receiving()
    until(lambda: gated.superuser().execute("select count(*) from pg_stat_replication").fetchone() == (0,))


def lost(gated: Gated, replica: Gated) -> int:
    """The writer's server dies, the replica becomes a database of its own; returns where its history forked."""
    gated.server.kill()
    position = replica.database.describe().position
    replica.server.promote()
    gated.server.start()
    return position


def whole_tail(gated: Gated, position: int | None) -> tuple[list[TailPart], list[dict[str, Any]]]:
    parts = [gated.database.read_tail(position, None)]
    while parts[-1].rest is not None:
        parts.append(gated.database.read_tail(position, parts[-1].rest))
    return parts, [json.loads(line) for part in parts for line in part.lines.splitlines()]


def slot(gated: Gated) -> tuple[Any, ...] | None:
    return (
        gated.superuser()
        .execute(
            "select wal_status, (confirmed_flush_lsn - '0/0')::bigint from pg_replication_slots "
            "where slot_name = 'lifeboat_tail'"
        )
        .fetchone()
    )


def test_exactly_what_was_acknowledged_and_not_received_is_in_the_tail(gated: Gated, replica: Gated) -> None:
    app = gated.app()
    app.execute("insert into orders (what) values ('received')")
    cut_off(gated, replica)
    for number in range(7):
        app.execute("insert into orders (what) values (%s)", (f"lost {number}",))
    app.execute("update orders set what = 'changed' where what = 'received'")
    app.execute("delete from orders where what = 'lost 0'")
    with pytest.raises(ZeroDivisionError), app.transaction():
        app.execute("insert into orders (what) values ('never committed')")
        raise ZeroDivisionError
    parts, rows = whole_tail(gated, lost(gated, replica))
    assert [each["columns"]["what"] for each in rows if each["kind"] == "INSERT"] == [f"lost {n}" for n in range(7)]
    assert [(each["kind"], each["table"]) for each in rows[7:]] == [
        ("UPDATE", "public.orders"),
        ("DELETE", "public.orders"),
    ]
    assert rows[7]["columns"] == {"id": "1", "what": "changed"}
    assert rows[8]["key"] == {"id": "2"}
    (part,) = parts
    assert (part.transactions, part.rows, part.gap) == (9, 9, None)
    assert part.oldest_at is not None and part.newest_at is not None
    assert 0 <= (part.newest_at - part.oldest_at).total_seconds() < 10


def test_nothing_lost_is_an_empty_tail(gated: Gated, replica: Gated) -> None:
    gated.app().execute("insert into orders (what) values ('received')")
    caught_up(gated, replica)
    gated.database.extend(1, gated.database.clock().timestamp() + 300)  # the gate's own tables are nobody's data
    replica.server.stop_receiving()
    gated.database.extend(1, gated.database.clock().timestamp() + 400)
    parts, rows = whole_tail(gated, lost(gated, replica))
    assert rows == []
    assert [(part.transactions, part.gap) for part in parts] == [(0, None)]


def test_what_was_lost_is_found_though_the_slot_was_moved_on_until_the_end(gated: Gated, replica: Gated) -> None:
    app, database = gated.app(), gated.database
    for number in range(40):
        app.execute("insert into orders (what) values (%s)", (f"received {number}",))
        database.keep_tail(1)
    caught_up(gated, replica)
    cut_off(gated, replica)
    for number in range(5):
        app.execute("insert into orders (what) values (%s)", (f"lost {number}",))
        database.keep_tail(1)
    _, rows = whole_tail(gated, lost(gated, replica))
    assert [each["columns"]["what"] for each in rows] == [f"lost {number}" for number in range(5)]


def test_a_large_transaction_comes_in_parts_and_whole(
    gated: Gated, replica: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "PART_ROWS", 700)
    app = gated.app()
    cut_off(gated, replica)
    app.execute("insert into orders (what) values ('before')")
    app.execute("insert into orders (what) select 'many ' || n from generate_series(1, 3000) n")
    app.execute("insert into orders (what) values ('after')")
    parts, rows = whole_tail(gated, lost(gated, replica))
    wanted = ["before", *(f"many {number}" for number in range(1, 3001)), "after"]
    assert [each["columns"]["what"] for each in rows] == wanted
    assert len(parts) >= 5 and max(part.rows for part in parts) <= 700
    assert sum(part.transactions for part in parts) == 3
    assert sum(part.rows for part in parts) == 3002


def test_a_part_is_bounded_in_bytes_too(gated: Gated, replica: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PART_BYTES", 10_000)
    app = gated.app()
    cut_off(gated, replica)
    app.execute("insert into orders (what) select repeat('x', 3000) from generate_series(1, 10)")
    app.execute("insert into orders (what) values (repeat('y', 30000))")  # larger than a part: alone in one
    parts, rows = whole_tail(gated, lost(gated, replica))
    assert len(rows) == 11
    assert max(part.rows for part in parts) <= 3
    assert len(rows[-1]["columns"]["what"]) == 30000


def test_a_part_that_is_read_again_is_the_same(gated: Gated, replica: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked may have died before it wrote down that it has the part."""
    monkeypatch.setattr(adapter, "PART_ROWS", 3)
    app = gated.app()
    cut_off(gated, replica)
    for number in range(5):
        app.execute("insert into orders (what) values (%s)", (f"lost {number}",))
    position = lost(gated, replica)
    first = gated.database.read_tail(position, None)
    assert gated.database.read_tail(position, None) == first
    second = gated.database.read_tail(position, first.rest)
    assert gated.database.read_tail(position, first.rest) == second
    assert second.rest is not None and second.rest.position >= (first.rest or TailPoint(0)).position


def test_values_keep_their_form(gated: Gated, replica: Gated) -> None:
    owner = gated.owner()
    owner.execute(
        "create table public.\"Odd 'name'\" "
        "(id int primary key, t text, b bytea, n numeric, w timestamptz, j jsonb, z int)"
    )
    gated.database.install()
    cut_off(gated, replica)
    big = "0123456789" * 1000
    app = gated.app()
    app.execute(
        "insert into \"Odd 'name'\" values "
        "(1, %s, '\\x00ff', 1.50, '2026-01-02 03:04:05.678+00', '{\"a\": [1]}', null)",
        ('it\'s "ü"\n\\',),
    )
    owner.execute("alter table \"Odd 'name'\" alter t set storage external")
    app.execute("update \"Odd 'name'\" set t = %s", (big,))
    app.execute("update \"Odd 'name'\" set z = 3")
    app.execute("truncate \"Odd 'name'\"")
    _, rows = whole_tail(gated, lost(gated, replica))
    assert rows[0]["columns"] == {
        "id": "1",
        "t": 'it\'s "ü"\n\\',
        "b": "\\x00ff",
        "n": "1.50",
        "w": "2026-01-02 03:04:05.678+00",
        "j": '{"a": [1]}',
        "z": None,
    }
    assert rows[0]["table"] == "public.Odd 'name'"
    assert rows[1]["columns"]["t"] == big
    assert (rows[2]["unchanged"], rows[2]["columns"]["z"]) == (["t"], "3")
    assert rows[3]["kind"] == "TRUNCATE"


def test_a_table_without_a_key_can_be_updated_and_its_inserts_are_kept(gated: Gated, replica: Gated) -> None:
    """Publishing its updates would make PostgreSQL refuse them; that they are not kept is said."""
    gated.owner().execute("alter table carts drop column id")
    gated.database.install()
    app = gated.app()
    cut_off(gated, replica)
    app.execute("insert into customers values (1)")
    app.execute("insert into carts values (1)")
    app.execute("update carts set customer = null")
    app.execute("delete from carts")
    parts, rows = whole_tail(gated, lost(gated, replica))
    assert [(each["kind"], each["table"]) for each in rows] == [
        ("INSERT", "public.customers"),
        ("INSERT", "public.carts"),
    ]
    assert parts[0].gap is not None and "carts" in parts[0].gap


def test_a_table_that_the_gates_owner_may_not_publish_is_told(gated: Gated) -> None:
    gated.superuser().execute("create table secret (id int primary key)")
    gated.database.install()
    part = gated.database.read_tail(2**62, None)
    assert part.gap is not None and "secret" in part.gap


def test_a_table_that_loses_its_key_goes_on_being_updated(gated: Gated) -> None:
    """On RDS the owner may make event triggers; here it is a superuser for a moment."""
    superuser = gated.superuser()
    superuser.execute("drop schema lifeboat cascade; alter role master superuser")
    try:
        gated.database.install()
    finally:
        superuser.execute("alter role master nosuperuser")
    gated.admit(epoch=1)
    gated.owner().execute("alter table orders drop constraint orders_pkey")
    gated.app().execute("insert into orders (what) values ('tea')")
    gated.app().execute("update orders set what = 'coffee'")
    found = superuser.execute("select wanted, present from lifeboat.tailed where \"table\" = 'orders'::regclass")
    assert found.fetchone() == ("lifeboat_tail_inserts", "lifeboat_tail_inserts")


def test_the_slot_follows_the_replicas_and_never_passes_them(gated: Gated, replica: Gated) -> None:
    app, database = gated.app(), gated.database
    began = slot(gated)
    assert began is not None
    for _ in range(4):
        app.execute("insert into orders (what) values ('tea')")
        caught_up(gated, replica)
        database.keep_tail(1)
        time.sleep(0.05)
    until(lambda: (slot(gated) or (0, 0))[1] > began[1])
    cut_off(gated, replica)
    database.keep_tail(1)
    stands = slot(gated)
    received = replica.database.describe().position
    for _ in range(4):
        app.execute("insert into orders (what) values ('lost')")
        database.keep_tail(1)
    assert slot(gated) == stands
    assert stands is not None and stands[1] <= received


def test_the_slot_waits_for_a_replica_that_is_missing(gated: Gated, replica: Gated) -> None:
    """The one that is away may be the one that is promoted."""
    app, database = gated.app(), gated.database
    began = slot(gated)
    for _ in range(5):
        app.execute("insert into orders (what) values ('tea')")
        caught_up(gated, replica)
        database.keep_tail(2)
    assert slot(gated) == began


def test_a_slot_without_anybody_to_wait_for_holds_no_wal(gated: Gated) -> None:
    app, database = gated.app(), gated.database
    began = slot(gated)
    for _ in range(3):
        app.execute("insert into orders (what) values ('tea')")
        database.keep_tail(0)
    after = slot(gated)
    assert began is not None and after is not None and after[1] > began[1]


def test_a_tail_whose_slot_was_given_up_says_so_and_the_next_begins_anew(gated: Gated, replica: Gated) -> None:
    app, superuser, database = gated.app(), gated.superuser(), gated.database
    cut_off(gated, replica)
    position = replica.database.describe().position
    superuser.execute("alter system set max_slot_wal_keep_size = '1MB'")
    superuser.execute("alter system set wal_keep_size = 0")
    superuser.execute("select pg_reload_conf()")
    try:
        for _ in range(5):
            app.execute("insert into orders (what) select repeat('x', 2000) from generate_series(1, 300)")
            superuser.execute("select pg_switch_wal()")
        superuser.execute("checkpoint")
        until(lambda: (slot(gated) or ("",))[0] == "lost")
        part = database.read_tail(position, None)
        assert part.gap is not None and "max_slot_wal_keep_size" in part.gap
        assert (part.lines, part.rest) == (b"", None)
        database.keep_tail(1)
        assert (slot(gated) or ("",))[0] == "reserved"
        again = database.read_tail(position, None)
        assert again.gap is not None and "after the new writer's history forked" in again.gap
    finally:
        superuser.execute("alter system reset all")
        superuser.execute("select pg_reload_conf()")


def test_a_copy_without_a_slot_says_so(gated: Gated) -> None:
    gated.superuser().execute("select pg_drop_replication_slot('lifeboat_tail')")
    part = gated.database.read_tail(1, None)
    assert part.gap is not None and "is not there" in part.gap


def test_where_the_history_forked_must_be_known(gated: Gated) -> None:
    assert gated.database.read_tail(None, None).gap is not None


def test_an_admission_does_not_wait_for_a_slot_that_cannot_be_made(gated: Gated) -> None:
    """Somebody else's transaction is under way: making the slot would wait for it."""
    superuser = gated.superuser()
    superuser.execute("select pg_drop_replication_slot('lifeboat_tail')")
    other = gated.owner()
    other.autocommit = False
    other.execute("create table aside (n int)")
    began = time.monotonic()
    assert gated.admit(epoch=2).gate_open
    assert time.monotonic() - began < 2.5
    assert slot(gated) is None
    other.rollback()
    gated.database.keep_tail(1)
    assert slot(gated) is not None
