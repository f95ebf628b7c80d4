"""Sites' agents of tests: real TLS on loopback addresses, under an authority of the test's own."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from failover.adapters.sites import AgentServer, asking
from failover.procedures.desk import DatabaseDesk
from failover.topology import SiteNames
from site_hosts.authority import SitesAuthority


class Certified:
    """An authority, and the secret of a control region, which a test may change."""

    def __init__(self, folder: Path, names: SiteNames) -> None:
        self.folder, self.names = folder, names
        self.authority = SitesAuthority.kept_in(folder / "authority", names.topology.name)
        self.secret: dict[str, str] = {}
        self.asks_as(names.asker)

    def asks_as(self, name: str, authority: SitesAuthority | None = None) -> None:
        """The secret has from now on the certificate of this name."""
        pem = (authority or self.authority).issue(name, 30)
        self.secret = {"certificate": pem.certificate, "key": pem.key, "authority": self.authority.certificate}
        asking._trust.cache_clear()

    def agent(self, site: str, desk: DatabaseDesk) -> AgentServer:
        """Return the agent of a site, listening somewhere."""
        pem = self.authority.issue(site, 30, [self.names.agent(site)])
        certificate, key = self.folder / f"{site}.pem", self.folder / f"{site}.key"
        certificate.write_text(pem.certificate, "ascii")
        key.write_text(pem.key, "ascii")
        return AgentServer(
            ("127.0.0.1", 0),
            desk,
            certificate=certificate,
            key=key,
            authority=self.folder / "authority" / "authority.pem",
            asker=self.names.asker,
        )

    @contextmanager
    def reachable(self, agents: dict[str, AgentServer]) -> Iterator[None]:
        """Serve them at their names, and let functions read the secret."""
        ports = {self.names.agent(site): agent.server_address[1] for site, agent in agents.items()}
        resolve = socket.getaddrinfo

        def nearby(host: str, asked: Any, *rest: Any, **more: Any) -> Any:
            at = ("127.0.0.1", ports[host]) if host in ports else (host, asked)
            return resolve(*at, *rest, **more)

        threads = [threading.Thread(target=each.serve_forever, args=(0.05,)) for each in agents.values()]
        for thread in threads:
            thread.start()
        secrets = mock.Mock()
        secrets.get_secret_value = lambda **_: {"SecretString": json.dumps(self.secret)}
        asking._trust.cache_clear()
        with mock.patch.object(socket, "getaddrinfo", nearby), mock.patch.object(asking, "client", lambda *_: secrets):
            yield
        for agent, thread in zip(agents.values(), threads, strict=True):
            agent.shutdown()
            agent.server_close()
            thread.join(5)
        asking._trust.cache_clear()
