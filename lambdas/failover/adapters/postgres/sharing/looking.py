"""What is wrong with an end, as its own catalogue tells it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pg8000.native import identifier

from failover.adapters.postgres.session import Session
from failover.adapters.postgres.sharing import names
from failover.sharing import End, SharedTable, Sharing

COLUMNS: Final = """
SELECT a.attname::text, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '', a.attnotnull
FROM pg_attribute a WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
HYPERTABLE: Final = "SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL"
AMONG_HYPERTABLES: Final = """
SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public' AND hypertable_name = :table
"""
IDENTITY: Final = """
SELECT p.relid::regclass::text FROM (SELECT to_regclass(:table) AS relid
    UNION SELECT relid FROM pg_partition_tree(to_regclass(:table))) p JOIN pg_class c ON c.oid = p.relid
WHERE c.relreplident <> 'i' OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident
    AND CAST(:columns AS text) = (SELECT string_agg(a.attname, ',' ORDER BY k.n)
        FROM unnest(i.indkey::int[]) WITH ORDINALITY k (attnum, n)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum))
ORDER BY 1
"""
PUBLICATION: Final = """
SELECT puballtables, pubinsert AND pubupdate AND pubdelete, pubtruncate, pubviaroot FROM pg_publication
WHERE pubname = :name
"""
PUBLISHED: Final = """
SELECT pubname::text, schemaname || '.' || tablename, attnames::text[], coalesce(rowfilter, '')
FROM pg_publication_tables ORDER BY 1, 2
"""
READABLE: Final = """
SELECT c.oid::regclass::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'lifeboat') AND n.nspname NOT LIKE 'pg\\_%'
    AND has_column_privilege(:role, c.oid, a.attnum, 'SELECT') ORDER BY 1, 2
"""
SLOTS: Final = """
SELECT slot_name::text, coalesce(wal_status, 'none'), active FROM pg_replication_slots
WHERE database = current_database()
"""
SUBSCRIPTIONS: Final = """
SELECT s.subname::text, s.subenabled, s.suborigin, s.subsynccommit,
    (SELECT count(*) FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.relid IS NULL AND w.pid IS NOT NULL),
    (SELECT count(*) FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate <> 'r'),
    (SELECT apply_error_count + sync_error_count FROM pg_stat_subscription_stats e WHERE e.subid = s.oid)
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() ORDER BY 1
"""
LAST_STEP: Final = """
SELECT s.subname::text, r.srrelid::regclass::text, copier.pid FROM pg_subscription_rel r
JOIN pg_subscription s ON s.oid = r.srsubid JOIN pg_database d ON d.oid = s.subdbid
JOIN pg_stat_subscription follower ON follower.subid = s.oid AND follower.relid IS NULL AND follower.pid IS NOT NULL
LEFT JOIN pg_stat_subscription copier ON copier.subid = s.oid AND copier.relid = r.srrelid
WHERE d.datname = current_database() AND r.srsubstate = 'f'
    AND (SELECT count(w.pid) FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.relid <> r.srrelid)
        < current_setting('max_sync_workers_per_subscription')::int
    AND (SELECT count(w.pid) FROM pg_stat_subscription w WHERE w.relid IS DISTINCT FROM r.srrelid)
        < current_setting('max_logical_replication_workers')::int
ORDER BY 1, 2
"""
"""First copies with nothing but their end to come, and who works at each, where the publisher answers and the server
may start one more for it. A copy ends by saying so here and then dropping its slot at the publisher. A subscriber that
dies before its word is on its disk looks for a slot that nobody makes again; PostgreSQL 18 does not count these
failures (``sync_error_count`` stays 0)."""

TRIES_SECONDS: Final = 6.0
"""PostgreSQL tries a first copy again every 5 s (``wal_retrieve_retry_interval``), where nobody has set it lower."""

LOOK_SECONDS: Final = 0.5
"""Between two looks: a try that fails takes some 10 ms, so that who is seen twice is at work."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found, and whether it is wrong."""

    text: str
    wrong: bool = True


def at_tables(open_session: Session, sharing: Sharing, here: End) -> Iterator[Found]:
    """Both ends have the tables; what others send fits in, and what is a person's is nobody else's."""
    for table in sharing.tables:
        columns = open_session.rows(COLUMNS, table=f"public.{table.name}")
        if not columns:
            yield Found(f"public.{table.name}: there is no such table; create it, and run install again")
            continue
        yield from _columns(table, columns, receives=bool(sharing.sources_of(here.database)))
        if open_session.row(HYPERTABLE)[0] and open_session.rows(AMONG_HYPERTABLES, table=table.name):
            yield Found(
                f"public.{table.name} is a hypertable, which logical replication does not reach; share a plain or "
                "partitioned table that is filled_from it"
            )
        for place in open_session.rows(IDENTITY, table=f"public.{table.name}", columns=",".join(table.identity)):
            yield Found(f"{place[0]}: its replica identity is not ({', '.join(table.identity)}); run install again")
        yield from _strangers(open_session, table, here)


def at_publication(open_session: Session, sharing: Sharing, here: End) -> Iterator[Found]:
    """The publication says what is declared, and nothing else publishes more of these tables."""
    name = names.publication(sharing.name)
    found = open_session.rows(PUBLICATION, name=name)
    if not found:
        yield Found(f"there is no publication {name}; run install")
        return
    everything, events, truncates, via_root = found[0]
    if everything or not events or truncates or not via_root:
        yield Found(f"{name} publishes all tables, other events or partitions by themselves; run install again")
    declared = {f"public.{table.name}": table for table in sharing.tables}
    ours: set[str] = set()
    for publication, place, columns, rows in open_session.rows(PUBLISHED):
        table = declared.get(place)
        if publication == name:
            ours.add(place)
            yield from _published(name, place, (columns, rows), table, here)
        elif table is not None and (leaked := [each for each in columns if each not in table.columns]):
            yield Found(f"{publication} publishes {', '.join(leaked)} of {place} as well; drop it")
    for missing in sorted(declared.keys() - ours):
        yield Found(f"{name} does not publish {missing}; run install again")
    allowed = {(table.name, column) for table in sharing.tables for column in table.columns}
    for place, column in open_session.rows(READABLE, role=names.PUBLISHER):
        if (place.removeprefix("public."), column) not in allowed:
            yield Found(f"{names.PUBLISHER} may read {column} of {place}; revoke it")
    slots = {slot: (status, active) for slot, status, active in open_session.rows(SLOTS)}
    for end in sharing.subscribers:
        if end.database == here.database:
            continue
        status, active = slots.get(names.slot(sharing.name, end.database), ("none", False))
        if status == "lost":
            yield Found(f"{end.database} was away for too long: its slot is lost; drop its subscription, install again")
        elif not active:
            yield Found(f"{end.database} does not receive at the moment", wrong=False)


def at_subscriptions(open_session: Session, sharing: Sharing, here: End) -> Iterator[Found]:
    """Each source has a subscription that works."""
    found = {name: rest for name, *rest in open_session.rows(SUBSCRIPTIONS)}
    never_ending = failing_copies(open_session)
    for source in sharing.sources_of(here.database):
        name = names.subscription(sharing.name, source.database)
        if name not in found:
            yield Found(f"nothing is received from {source.database}: there is no subscription {name}; run install")
            continue
        enabled, origin, commits, workers, copying, errors = found[name]
        if origin != "none":
            yield Found(f"{name} takes what {source.database} has from others as well; run install again")
        if commits != "on":
            yield Found(
                f"{name} says synchronous_commit = {commits}: a crash can leave its first copy without end; "
                "run install again"
            )
        if not enabled:
            yield Found(f"{name} is disabled; run install again")
        elif not workers:
            yield Found(f"{name} has no worker: {source.database} does not answer, or refuses", wrong=False)
        if copying:
            yield Found(f"{name} still copies {copying} of its tables", wrong=False)
        for place in [table for subscription, table in never_ending if subscription == name]:
            yield Found(
                f"{name} cannot end its first copy of {place}, and gets nothing new: {here.database} died "
                f"as it ended; drop the subscription, delete the rows of {source.region} here, and run install again"
            )
        if errors:
            yield Found(f"{name} has failed {errors} times since it was made; see the server's log", wrong=False)


def failing_copies(open_session: Session) -> list[tuple[str, str]]:
    """Return the subscriptions and tables whose first copy nobody can end; it waits where that may be."""
    seen: dict[tuple[str, str], int | None] = _last_step(open_session)
    deadline = time.monotonic() + TRIES_SECONDS
    while seen and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        now = _last_step(open_session)
        seen = {each: now[each] for each, pid in seen.items() if each in now and (pid is None or now[each] != pid)}
    return sorted(seen)


def _last_step(open_session: Session) -> dict[tuple[str, str], int | None]:
    return {(name, table): pid for name, table, pid in open_session.rows(LAST_STEP)}


def _columns(table: SharedTable, columns: list[list[object]], *, receives: bool) -> Iterator[Found]:
    there = {str(name): bool(needs) for name, needs, _ in columns}
    for missing in [each for each in table.columns if each not in there]:
        yield Found(f"public.{table.name} has no column {missing}; add it at every end")
    for name, needs in there.items():
        if name in table.columns:
            continue
        if needs and receives:
            yield Found(f"{name} of public.{table.name} must not be empty, and rows of others have none; allow nulls")
        if name not in table.personal:
            yield Found(f"{name} of public.{table.name} is neither published nor personal: it stays here", wrong=False)


def _published(
    name: str, place: str, told: tuple[list[str], str], table: SharedTable | None, here: End
) -> Iterator[Found]:
    columns, rows = told
    if table is None:
        yield Found(f"{name} publishes {place}, which is not declared; run install again")
        return
    if extra := [each for each in columns if each not in table.columns]:
        yield Found(f"{name} publishes {', '.join(extra)} of {place}; run install again")
    if fewer := [each for each in table.columns if each not in columns]:
        yield Found(f"{name} does not publish {', '.join(fewer)} of {place}; run install again")
    # PostgreSQL writes the filter in its own way; each value that is asked for stands in it.
    wanted = table.conditions(here.region)
    unsaid = [column for column in wanted if column not in rows]
    if unsaid or (table.home and f"'{here.region}'" not in rows) or bool(rows) != bool(wanted) or " OR " in rows:
        yield Found(f"{name} filters {place} by {rows or 'nothing'}, not by {wanted}; run install again")


def _strangers(open_session: Session, table: SharedTable, here: End) -> Iterator[Found]:
    """What came from elsewhere has no personal column filled: looked for in the rows themselves."""
    there = {str(row[0]) for row in open_session.rows(COLUMNS, table=f"public.{table.name}")}
    personal = [column for column in table.personal if column in there]
    if table.home is None or table.home not in there or not personal:
        return
    filled = " OR ".join(f"{identifier(column)} IS NOT NULL" for column in personal)
    of_others = f"{identifier(table.home)} <> :here AND ({filled})"
    query = f"SELECT count(*) FROM public.{identifier(table.name)} WHERE {of_others}"  # noqa: S608 - quoted names
    (many,) = open_session.row(query, here=here.region)
    if many:
        yield Found(f"public.{table.name} has {many} rows of other regions with personal columns filled; remove them")
