"""The copies of the databases in a function's own region, ready to be spoken to."""

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

from failover.adapters.aws.credentials import login, passwords
from failover.adapters.postgres import Address, ApplicationRoles, ClusterDatabase, Keyring, PostgresDatabase
from failover.adapters.postgres.sharing import PORT, PUBLISHER, PostgresSharing
from failover.adapters.postgres.ungated import UngatedDatabase
from failover.errors import DatabaseUnreachableError
from failover.ports import DatabaseCopy
from failover.sharing import End, SharingEnd
from failover.topology import DatasetKind, Engine, Names, Topology

AUTHORITIES = Path(__file__).parent.parent / "rds-authorities.pem"
"""RDS's own certificate authorities; a deployment that ships them has its databases verified by them."""

NEAR_SECONDS = 3.0
"""How long another server on this very machine may take to be connected to."""


def copies(names: Names, region: str, endpoints: Mapping[str, str]) -> dict[str, DatabaseCopy]:
    """Return each database's copy in this region, by name.

    ``endpoints`` are ``host:port``, and of a cluster whose readers have their own, ``host:port,host:port``.
    """
    return {name: _copy(names, region, name, endpoint) for name, endpoint in endpoints.items()}


def _copy(names: Names, region: str, database: str, endpoint: str) -> DatabaseCopy:
    owner = names.database_secret(database)
    user, password = login(owner, region)
    keyring = Keyring(lambda: passwords(owner, region))
    # RDS's database names may not have hyphens, ours may.
    at = [
        Address(host, int(port), user, password, database.replace("-", "_"), _tls(host), keyring)
        for host, _, port in (each.rpartition(":") for each in endpoint.split(","))
    ]
    roles = ApplicationRoles(_password(names, region, database, "app_rw"), _password(names, region, database, "app_ro"))
    if names.topology.database(database).kind is not DatasetKind.SINGLE:
        return UngatedDatabase(at[0], roles)
    return PostgresDatabase(at[0], roles) if len(at) == 1 else ClusterDatabase(at[0], at[1], roles)


def sharing_ends(topology: Topology, region: str, endpoints: Mapping[str, str]) -> dict[str, SharingEnd]:
    """Return the servers of one's own in this region as ends of what databases share."""
    names, made = Names(topology), dict[str, SharingEnd]()
    for name, endpoint in endpoints.items():
        if topology.database(name).engine is Engine.SELF_MANAGED_POSTGRES:
            user, password = login(names.database_secret(name), region)
            host, _, port = endpoint.partition(",")[0].rpartition(":")
            address = Address(host, int(port), user, password, name.replace("-", "_"), tls=_tls(host))
            made[name] = PostgresSharing(address, End(name, region), lambda end: _publisher(names, region, end))
    return made


def _publisher(names: Names, region: str, end: End) -> Address:
    """Return where another region's server listens; its password is in this region too."""
    _, password = login(names.publisher_secret(end.database), region)
    host, port = names.database_address(end.database, end.region), PORT
    tls = _tls(host)
    if tls is None:
        # On this very machine PostgreSQL finds neither the name nor the port by itself; whoever connects comes there.
        try:
            with socket.create_connection((host, port), NEAR_SECONDS) as reached:
                host, port = reached.getpeername()
        except OSError as exc:
            raise DatabaseUnreachableError(f"{end.database} in {end.region} at {host}: {exc}") from exc
    return Address(host, port, PUBLISHER, password, end.database.replace("-", "_"), tls=tls)


def _password(names: Names, region: str, database: str, role: str) -> str | None:
    """Return the role's own password, None while the secret has that of its second login: then it stays as it is."""
    user, password = login(names.application_secret(database, role), region)
    return password if user == role else None


def _tls(host: str) -> ssl.SSLContext | None:
    """TLS everywhere but on this very machine, where there is nobody to listen in."""
    try:
        if socket.gethostbyname(host).startswith("127."):
            return None
    except OSError:
        pass  # the session says that it cannot be reached, and when
    if AUTHORITIES.exists():
        return ssl.create_default_context(cafile=str(AUTHORITIES))
    encrypted = ssl.create_default_context()
    encrypted.check_hostname = False
    encrypted.verify_mode = ssl.CERT_NONE
    return encrypted
