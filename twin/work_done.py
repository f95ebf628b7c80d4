"""What the declared workers did, as the copies of their databases remember it."""

from typing import TYPE_CHECKING, Final

import psycopg

from failover.invariants import WorkDone
from twin.postgres import PostgresError

if TYPE_CHECKING:
    from twin.twin import Twin

READ: Final = """
SELECT worker, place, epoch, extract(epoch FROM at)::float8, identity, id FROM lifeboat.work
WHERE place IS NOT NULL AND at >= to_timestamp(%s)
"""


def work_done(twin: "Twin", since: float) -> tuple[WorkDone, ...]:
    """Return the committed work of every copy that can be read, each piece once; ``since`` is in Unix seconds.

    A piece of work that only a dead server's disk has is not seen, as an acknowledged write of it would be lost.
    """
    found: dict[tuple[str, str, int], WorkDone] = {}
    for database in {each.database for each in twin.topology.workers}:
        for region in twin.topology.database(database).regions:
            for worker, place, epoch, at, identity, number in _rows(twin, database, region, since):
                done = WorkDone(at - since, worker, database, place, epoch)
                found[database, identity, number] = done
    return tuple(sorted(found.values(), key=lambda each: each.at))


def _rows(twin: "Twin", database: str, region: str, since: float) -> list[tuple[str, str, int, float, str, int]]:
    try:
        server = twin.rds.server(region, twin.names.db_instance(database, region))
        with server.connect(database.replace("-", "_")) as connection:
            return connection.execute(READ, (since,)).fetchall()
    except (PostgresError, psycopg.Error):
        return []
