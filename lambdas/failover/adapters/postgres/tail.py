"""The standing replication slot that keeps a writer's newest changes readable until all its replicas have them.

The slot stays with the server when its region dies. When that returns as an old writer, what committed after the
new writer's history forked off is decoded from it.
"""

import json
from collections import deque
from contextlib import suppress
from typing import Any, Final

from failover.adapters.postgres.pgoutput import Decoder
from failover.adapters.postgres.session import Address, Session, session
from failover.errors import LifeboatError
from failover.tails import TailPart, TailPoint

SLOT: Final = "lifeboat_tail"

KEEP_SECONDS: Final = 1.0
"""How long keeping a tail may take; the guard's next renewal must not wait for it."""

READ_SECONDS: Final = 20.0
"""How long decoding one part may take; the agent has 30 s."""

STEP_BYTES: Final = 256 * 2**20
"""By how much WAL a slot is moved at once: moving it reads that WAL."""

PART_ROWS: Final = 5000
PART_BYTES: Final = 16 * 2**20
"""One part: what a function holds in memory and decodes within its time."""

# Walsenders of logical replication say nothing about what a physical replica has.
STANDING = """
SELECT pg_is_in_recovery(), s.slot_name IS NOT NULL, coalesce(s.wal_status, 'none'),
    (s.confirmed_flush_lsn - '0/0')::bigint,
    CASE WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_insert_lsn() - '0/0')::bigint END, r.many, r.flushed
FROM (SELECT count(*) AS many, min(flush_lsn - '0/0')::bigint AS flushed FROM pg_stat_replication
    WHERE state = 'streaming' AND pid NOT IN (SELECT active_pid FROM pg_replication_slots
        WHERE slot_type = 'logical' AND active_pid IS NOT NULL)) r
LEFT JOIN pg_replication_slots s ON s.slot_name = 'lifeboat_tail'
"""

UNSEEN = """
SELECT ARRAY(SELECT "table"::text FROM lifeboat.tailed WHERE present IS DISTINCT FROM 'lifeboat_tail' ORDER BY 1)
"""

# In the order of the stream, from the slot on: of each transaction its begin, commit and tables always, its changes
# when it ends behind the fork. The commit's own message has the end of its record as its position. Changes alone are
# counted: how many other messages there are depends on where the stream began.
READ = """
WITH asked AS (
    SELECT CAST(:skip AS bigint) AS skip, CAST(:rows AS bigint) AS rows, CAST(:bytes AS bigint) AS bytes,
        CAST(:position AS bigint) AS position
), changes AS MATERIALIZED (
    SELECT n, (lsn - '0/0')::bigint AS lsn, xid::text AS xid, data, chr(get_byte(data, 0)) AS kind
    FROM asked, pg_logical_slot_peek_binary_changes('lifeboat_tail', NULL, (skip + rows)::integer,
        'proto_version', '1', 'publication_names', 'lifeboat_tail,lifeboat_tail_inserts')
        WITH ORDINALITY AS peeked (lsn, xid, data, n)
), counted AS (
    SELECT *, count(*) FILTER (WHERE kind IN ('I', 'U', 'D', 'T')) OVER (ORDER BY n) AS change FROM changes
), sized AS (
    SELECT c.*, sum(CASE WHEN change > skip THEN length(data) ELSE 0 END) OVER (ORDER BY n) AS so_far
    FROM counted c, asked
), part AS (
    SELECT s.* FROM sized s, asked WHERE change <= skip + rows AND (so_far <= bytes OR change <= skip + 1)
), ends AS (
    SELECT xid, lsn AS ended FROM changes WHERE kind = 'C'
)
SELECT p.kind, p.lsn, p.data, p.change, e.ended > position,
    (SELECT max(change) FROM part), (SELECT max(n) FROM part), (SELECT max(n) FROM changes)
FROM asked, part p JOIN ends e USING (xid)
WHERE p.kind IN ('B', 'R', 'C') OR (p.change > skip AND e.ended > position)
ORDER BY p.n
"""


class Tail:
    """The slot of one server. It remembers where records ended, so that one instance should live for several calls."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._ends: deque[int] = deque(maxlen=256)

    def begin(self) -> None:
        """Make the slot where a writer has none, or a lost one anew; from here on its changes can be read again.

        It waits for transactions that write at this moment: do it while the gate is shut, if you can.

        Raises:
            DatabaseUnreachableError: not within a second, or the server cannot decode (``wal_level``).
        """
        with session(self._address, KEEP_SECONDS) as open_session:
            _begin(open_session)

    def keep(self, followers: int) -> None:
        """Move the slot on to what ``followers`` replicas have all flushed, and never beyond.

        While one of them is missing it stays where it is, until the server gives it up
        (``max_slot_wal_keep_size``); then it begins anew.

        It is moved only to places where a record ended when it was looked at before: a replica may have flushed a
        part of a commit's record, and a slot that points into the midst of one leaves that transaction out.

        Raises:
            DatabaseUnreachableError: not within a second; the next call tries again.
        """
        with session(self._address, KEEP_SECONDS) as open_session:
            recovery, _, _, stands_at, end, many, flushed = open_session.row(STANDING)
            if recovery:
                return
            if _begin(open_session):
                self._ends.clear()
                return
            allowed = flushed if many >= followers else None
            if followers == 0:
                allowed = end  # nobody could be promoted, and whoever joins has all of it from its base backup
            passed = [each for each in self._ends if allowed is not None and stands_at < each <= allowed]
            near = [each for each in passed if each <= stands_at + STEP_BYTES] or passed[:1]
            self._ends.append(end)
            if near:
                _advance(open_session, max(near))

    def read(self, position: int | None, at: TailPoint | None) -> TailPart:
        """Return the changes of the transactions that committed after ``position``, or a part of them.

        Raises:
            DatabaseUnreachableError: it does not answer, or not in time.
        """
        with session(self._address, READ_SECONDS) as open_session:
            _, exists, status, stands_at, *_ = open_session.row(STANDING)
            if not exists or status == "lost":
                why = "was given up by the server (max_slot_wal_keep_size)" if exists else "is not there"
                return TailPart(b"", 0, 0, None, None, f"the slot {SLOT} {why}", None)
            gap = _unseen(open_session)
            if position is None:
                gap = "where the new writer's history forked is not known"
            elif at is None and stands_at > position:
                gap = f"the slot {SLOT} begins {stands_at - position} bytes after the new writer's history forked"
            point = at or TailPoint(stands_at)
            if point.position > stands_at:
                _advance(open_session, point.position)
            found = open_session.rows(READ, skip=point.skip, rows=PART_ROWS, bytes=PART_BYTES, position=position or 0)
        return _part(found, point, gap)


def _unseen(open_session: Session) -> str | None:
    """Say whose changes are not decoded, or not all of them; None when every table's are."""
    (tables,) = open_session.row(UNSEEN)
    if not tables:
        return None
    return (
        f"changes of these tables are not decoded, or inserts only: {', '.join(tables)}; a table needs a primary key "
        "or REPLICA IDENTITY FULL, and the gate installed again after it was made"
    )


def _begin(open_session: Session) -> bool:
    recovery, exists, status, *_ = open_session.row(STANDING)
    if recovery or (exists and status != "lost"):
        return False
    if exists:
        open_session.rows(f"SELECT pg_drop_replication_slot('{SLOT}')")
    open_session.rows(f"SELECT pg_create_logical_replication_slot('{SLOT}', 'pgoutput')")
    return True


def _advance(open_session: Session, position: int) -> None:
    moved = f"SELECT pg_replication_slot_advance('{SLOT}', '0/0'::pg_lsn + CAST(:position AS numeric))"
    open_session.rows(moved, position=position)


def _part(found: list[list[Any]], point: TailPoint, gap: str | None) -> TailPart:
    decoder, lines, transactions, times = Decoder(), [], 0, []
    ended, changes_by_then = point.position, 0
    for kind, lsn, message, change, lost, *_ in found:
        for each in decoder.read(message):
            lines.append(json.dumps(each, ensure_ascii=False))
            times.append(decoder.committed_at)
        if kind == "C":
            ended, changes_by_then = lsn, change
            transactions += lost
    rest = None
    if found:
        changes, messages, all_messages = found[0][-3:]
        if messages < all_messages or all_messages >= point.skip + PART_ROWS:  # cut by us, or by the server for us
            rest = TailPoint(ended, changes - changes_by_then)
    text = "".join(f"{line}\n" for line in lines).encode()
    return TailPart(text, transactions, len(lines), min(times, default=None), max(times, default=None), gap, rest)


def begin_quietly(tail: Tail) -> None:
    """Make the slot if it can be made now; whoever opens a gate does not wait for it, and the guard tries again."""
    with suppress(LifeboatError):
        tail.begin()
