"""The copies of the databases in a function's own region, ready to be spoken to."""

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

from failover.adapters.aws.credentials import login
from failover.adapters.postgres import Address, ApplicationRoles, ClusterDatabase, PostgresDatabase
from failover.ports import DatabaseCopy
from failover.topology import Names

AUTHORITIES = Path(__file__).parent.parent / "rds-authorities.pem"
"""RDS's own certificate authorities; a deployment that ships them has its databases verified by them."""


def copies(names: Names, region: str, endpoints: Mapping[str, str]) -> dict[str, DatabaseCopy]:
    """Return each database's copy in this region, by name.

    ``endpoints`` are ``host:port``, and of a cluster whose readers have their own, ``host:port,host:port``.
    """
    return {name: _copy(names, region, name, endpoint) for name, endpoint in endpoints.items()}


def _copy(names: Names, region: str, database: str, endpoint: str) -> DatabaseCopy:
    user, password = login(names.database_secret(database), region)
    _, app_rw = login(names.application_secret(database, "app_rw"), region)
    _, app_ro = login(names.application_secret(database, "app_ro"), region)
    # RDS's database names may not have hyphens, ours may.
    at = [
        Address(host, int(port), user, password, database.replace("-", "_"), tls=_tls(host))
        for host, _, port in (each.rpartition(":") for each in endpoint.split(","))
    ]
    roles = ApplicationRoles(app_rw, app_ro)
    return PostgresDatabase(at[0], roles) if len(at) == 1 else ClusterDatabase(at[0], at[1], roles)


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
