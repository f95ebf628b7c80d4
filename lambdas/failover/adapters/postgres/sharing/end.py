"""One database as an end of sharings."""

from collections.abc import Callable
from typing import Final

from failover.adapters.postgres.passwords import scram_verifier
from failover.adapters.postgres.session import Address, session
from failover.adapters.postgres.sharing import looking, names, statements
from failover.sharing import End, Sharing, SharingState

PORT: Final = 5432
LOCK: Final = 0x6C69666573686172
"""The advisory lock under which one installer works at a time: "lifeshar" in ASCII."""

KNOWN: Final = """
SELECT 1 FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database() AND s.subname = :name
"""


class PostgresSharing:
    """``sharing.SharingEnd`` on one server.

    ``here`` is this end. ``find`` returns where another end listens, and the password of its publisher's login;
    of this end the password alone counts.
    """

    def __init__(
        self, address: Address, here: End, find: Callable[[End], Address], timeout_seconds: float = 20.0
    ) -> None:
        self._address, self._here, self._find = address, here, find
        self._timeout_seconds = timeout_seconds

    def publish(self, sharing: Sharing) -> SharingState:
        """Make the publication say exactly this; safe to repeat."""
        verifier = scram_verifier(self._find(self._here).password)
        made = statements.publishing(sharing, self._here.region, verifier)
        self._run(made)
        return self._looked(sharing, receives=False)  # that comes when everybody has published

    def subscribe(self, sharing: Sharing) -> SharingState:
        """Receive from every publisher; a subscription that is there gets what has changed."""
        self._run([statements.receiving(table) for table in sharing.tables])
        for source in sharing.sources_of(self._here.database):
            conninfo = _conninfo(self._find(source))
            with session(self._address, self._timeout_seconds) as open_session:
                name = names.subscription(sharing.name, source.database)
                exists = bool(open_session.rows(KNOWN, name=name))
                # None of these may be in a transaction with another: they speak to the other end.
                for statement in statements.subscribing(
                    sharing, source.database, self._here.database, conninfo, exists=exists
                ):
                    open_session.rows(statement)
        return self.look(sharing)

    def look(self, sharing: Sharing) -> SharingState:
        """Say what is wrong, and change nothing."""
        return self._looked(sharing, receives=bool(sharing.sources_of(self._here.database)))

    def _looked(self, sharing: Sharing, *, receives: bool) -> SharingState:
        with session(self._address, self._timeout_seconds) as open_session:
            found = [*looking.at_tables(open_session, sharing, self._here)]
            if sharing.publishes(self._here.database):
                found += looking.at_publication(open_session, sharing, self._here)
            if receives:
                found += looking.at_subscriptions(open_session, sharing, self._here)
        wrong = tuple(each.text for each in found if each.wrong)
        return SharingState(wrong, tuple(each.text for each in found if not each.wrong))

    def _run(self, made: list[str]) -> None:
        with session(self._address, self._timeout_seconds) as open_session:
            open_session.rows(f"SELECT pg_advisory_lock({LOCK})")
            for statement in made:
                open_session.rows(statement)


def _conninfo(source: Address) -> str:
    """Return libpq's words for a publisher.

    Binding the password's exchange to the TLS channel proves both ends to each other without any authority: whoever
    sits between them has another channel, and whoever does not know the password cannot answer.
    """
    secured = "sslmode=require channel_binding=require" if source.tls is not None else "sslmode=disable"
    return (
        f"host={_quoted(source.host)} port={source.port} dbname={_quoted(source.database)} user={_quoted(source.user)} "
        f"password={_quoted(source.password)} {secured} connect_timeout=5 application_name=lifeboat_sharing"
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
