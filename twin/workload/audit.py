"""Looking for every acknowledged write in the database of the last writer: what is not there is the loss."""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

Key = tuple[str, int]
"""A client group and the number of its write."""


def rows(connection: Connection[Any]) -> set[Key]:
    """Return every row that a copy has; ``connection`` is its owner's or a superuser's."""
    return {(client, number) for client, number in connection.execute("SELECT client, number FROM public.rows")}


def missing(acknowledged: Iterable[Key], present: Iterable[Key]) -> set[Key]:
    """Return the acknowledged writes that are not among the rows present.

    Rows that nobody acknowledged are no fault: a client may have given up before its answer came.
    """
    return set(acknowledged) - set(present)
