"""Real PostgreSQL servers with streaming replication, gone when their owner is gone."""

from twin.postgres.errors import PostgresError
from twin.postgres.server import Positions, Server
from twin.postgres.servers import Credentials, Servers

__all__ = ["Credentials", "Positions", "PostgresError", "Server", "Servers"]
