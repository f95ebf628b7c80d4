"""The agents of sites, asked over HTTPS by a control region that shows its certificate."""

import http.client
import json
import os
import ssl
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of
from failover.errors import DatabaseUnreachableError
from failover.topology import SiteNames, Topology

CONNECT_SECONDS: Final = 1.0
LARGEST_BYTES: Final = 1024 * 1024


class SiteAgents:
    """One request, one connection: an agent answers as Lambda does, with a document or an error by its class name."""

    def __init__(self, topology: Topology, here: str) -> None:
        self._topology, self._names, self._here = topology, SiteNames(topology), here

    def prepare(self) -> None:
        """Read the certificate before several are asked at once: making clients is not safe in threads."""
        with suppress(DatabaseUnreachableError):  # who asks is told
            _trust(self._names.secret, self._here)

    def ask(self, region: str, request: Mapping[str, Any], read_seconds: float) -> tuple[Any, bool]:
        """Return what the agent says, and whether that is an error.

        Raises:
            DatabaseUnreachableError: nobody who can prove to be that agent answers in time.
        """
        site = self._topology.site(region)
        if site is None:
            raise DatabaseUnreachableError(f"{region} is no site of {self._topology.name}")
        try:
            trust = _trust(self._names.secret, self._here)
            return _post(self._names.agent(region), site.agent_port, trust, request, read_seconds)
        except (OSError, ValueError, http.client.HTTPException) as exc:
            if isinstance(exc, ssl.SSLError):
                _trust.cache_clear()  # the certificates may be new ones
            raise DatabaseUnreachableError(f"the agent at {region} cannot be reached: {type(exc).__name__}") from exc


def _post(
    host: str, port: int, trust: ssl.SSLContext, request: Mapping[str, Any], read_seconds: float
) -> tuple[Any, bool]:
    connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=trust)
    try:
        connection.connect()
        connection.sock.settimeout(read_seconds)
        connection.request("POST", "/", json.dumps(request), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return json.loads(answer.read(LARGEST_BYTES)), answer.status != http.client.OK
    finally:
        connection.close()


@cache
def _trust(secret: str, region: str) -> ssl.SSLContext:
    """Return what proves both ends; ``ssl`` reads a key from files alone, so that one is there for a moment."""
    try:
        told = json.loads(client("secretsmanager", region).get_secret_value(SecretId=secret)["SecretString"])
        pem = f"{told['certificate']}\n{told['key']}\n"
        trust = ssl.create_default_context(cadata=told["authority"])
    except Exception as exc:
        raise DatabaseUnreachableError(
            f"the secret {secret} cannot be used in {region}: {code_of(exc)}; it has certificate, key and authority "
            "as `lifeboat sites certify` writes them"
        ) from exc
    trust.minimum_version = ssl.TLSVersion.TLSv1_3
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(pem)
    try:
        trust.load_cert_chain(file.name)
    finally:
        os.unlink(file.name)  # noqa: PTH108 - the path is the file's own
    return trust
