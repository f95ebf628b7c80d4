"""A database that never moves: it has no gate, and what it needs of Lifeboat are the application's roles."""

from pg8000.native import identifier

from failover.adapters.postgres.database import PostgresDatabase
from failover.adapters.postgres.inspection import inspect
from failover.adapters.postgres.installation import install_roles
from failover.adapters.postgres.session import session
from failover.ports import CopyState

RIGHTS = """
GRANT USAGE ON SCHEMA {schema} TO app_rw, app_ro;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA {schema} TO app_rw;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO app_rw;
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO app_ro;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO app_rw;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO app_rw;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO app_ro;
"""
"""As ``sql/003_attach.sql`` gives them, without the trigger that asks for a lease."""


class UngatedDatabase(PostgresDatabase):
    """``ports.DatabaseCopy`` of a database of kind home-region; a write in it asks nobody for a lease."""

    keeps_tail = False

    def install(self) -> CopyState:
        """Make the application's roles, with their passwords and their rights; safe to repeat."""
        with session(self._address, self._timeout_seconds) as open_session:
            install_roles(open_session, self._roles)
            for schema in self._roles.schemas:
                open_session.rows(RIGHTS.format(schema=identifier(schema)))
            return inspect(open_session).as_copy_state()
