"""The table of the workload."""

from typing import Any, Final

from psycopg import Connection

ROWS: Final = """
CREATE TABLE IF NOT EXISTS public.rows (
    client text NOT NULL,
    number bigint NOT NULL,
    region text NOT NULL,
    epoch bigint NOT NULL,
    committed_in text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client, number)
)
"""


def create_tables(connection: Connection[Any]) -> None:
    """Create the table, as the owner of the database and before the gate is installed; safe to repeat.

    ``region`` is where the service ran that wrote a row, ``committed_in`` whose copy took it, ``epoch`` that of
    the copy's gate then. Rights are the gate's to give: it attaches every table of the schema.
    """
    with connection.transaction():
        connection.execute(ROWS)
