"""What can go wrong with a PostgreSQL server of the twin."""

from twin.errors import TwinError


class PostgresError(TwinError):
    """A server, or one of PostgreSQL's own programs, did not do what it was asked to."""
