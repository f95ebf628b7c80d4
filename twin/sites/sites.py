"""The sites of one twin: their authority, their servers, and the processes of their hosts.

An operator's part is done as one would: certificates by the sites' own authority, its certificate into each control
region before the stacks are deployed, the control plane's into their secrets afterwards, and the files of each host.
"""

import contextlib
import json
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from failover.adapters.aws.clients import client
from failover.topology import Database, SiteNames
from site_hosts import SitesAuthority, certificates, write_secret
from stacks.host.files import PROMOTES, quoted, roles
from twin.postgres import Credentials, Server
from twin.sites.commands import write_programs
from twin.sites.files import unpacked, written
from twin.sites.host import SiteHost
from twin.sites.rejoining import Rejoining

if TYPE_CHECKING:
    from twin.twin import Twin

OWNER: Final = "lifeboat_owner"
DAYS: Final = 2
ROLES: Final = {"owner": OWNER, "app_rw": "app_rw", "app_ro": "app_ro"}

Logins = dict[str, dict[str, str]]
"""role → ``username`` and ``password``"""


class Sites:
    """The sites of a twin's topology, none for most; ``stop`` ends their processes and not their servers."""

    def __init__(self, twin: "Twin") -> None:
        topology = twin.topology
        self._twin, self.names = twin, SiteNames(topology)
        self.all = tuple(each.name for each in topology.regions if each.site is not None)
        self._databases = [each for each in topology.databases if each.born_primary in self.all]
        self._logins = {each.name: _logins() for each in self._databases}
        self._hosts: dict[str, SiteHost] = {}
        self._lost: set[str] = set()
        self._closing = contextlib.ExitStack()
        self.folder = twin.folder / "sites"
        if not self.all:
            return
        shutil.rmtree(self.folder, ignore_errors=True)  # of an earlier twin whose folder was kept
        self.folder.mkdir()
        self._authority = SitesAuthority.kept_in(self.folder / "authority", topology.name)
        write_programs(self.folder / "bin")

    def login(self, database: str, role: str) -> tuple[str, str] | None:
        """Return the user and password of a role of a database that is at sites; ``None``: AWS has the secret."""
        if database not in self._logins:
            return None
        told = self._logins[database][role]
        return told["username"], told["password"]

    def before_deployment(self) -> None:
        """Let every control region know whose certificates count."""
        for region in self._twin.topology.control_regions if self.all else ():
            client("ssm", region).put_parameter(
                Name=self.names.authority, Value=self._authority.certificate, Type="String"
            )

    def after_deployment(self) -> None:
        """Give the control plane its certificate, and start the servers and what runs beside them."""
        if not self.all:
            return
        signed = self._authority.issue(self.names.asker, DAYS)
        told = {"certificate": signed.certificate, "key": signed.key, "authority": self._authority.certificate}
        for region in self._twin.topology.control_regions:
            client("secretsmanager", region).put_secret_value(SecretId=self.names.secret, SecretString=json.dumps(told))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(self._start_servers, self._databases))
        rejoining = self._closing.enter_context(Rejoining(self._twin.servers, self._found, self._site_of))
        self.hosts_address = rejoining.address
        functions = unpacked(self._twin.assembly, self._twin.topology, self.folder / "functions")
        doors = {region: self._door(region) for region in self._twin.topology.control_regions}
        for site in self.all:
            self._hosts[site] = self._closing.enter_context(
                SiteHost(site, self._files(site, doors), functions, self.folder)
            )

    def stop(self) -> None:
        """End every process; safe to repeat."""
        self._closing.close()

    def lose(self, region: str) -> None:
        """End what runs at a site at one blow; nothing happens for a region of AWS."""
        self._lost.add(region)
        if region in self._hosts:
            self._hosts[region].kill()

    def bring_back(self, region: str) -> None:
        """Start it again."""
        self._lost.discard(region)
        if region in self._hosts:
            self._hosts[region].start()

    def host(self, region: str) -> SiteHost | None:
        """Return the processes of a site; ``None`` for a region of AWS."""
        return self._hosts.get(region)

    def _start_servers(self, database: Database) -> None:
        twin, names, born = self._twin, self._twin.names, database.born_primary
        owner = self._logins[database.name]["owner"]["password"]
        master = Credentials(OWNER, owner, database.name.replace("-", "_"))

        def bound(site: str, source: Server | None) -> Server:
            name, address = names.database_host(database.name, site), names.database_address(database.name, site)
            return twin.rds.bind(site, name, address, source, master)

        first = bound(born, None)
        with first.connect() as session:
            session.execute(roles(quoted(owner), quoted(secrets.token_hex(16))).encode())
        with first.connect(master.database) as session:
            session.execute(PROMOTES)
        for site in database.replicas:
            bound(site, first)

    def _files(self, site: str, doors: dict[str, dict[str, str]]) -> dict[str, str]:
        """Write a host's files, and return the environment of its processes."""
        twin, folder = self._twin, self.folder / site
        held = {name: told for name, told in self._logins.items() if site in twin.topology.database(name).regions}
        environment = written(twin, site, folder, self.folder)
        for name, text in certificates(self._authority, twin.topology, site, DAYS):
            write_secret(folder / name, text)
        write_secret(folder / "logins.json", json.dumps(held))
        (folder / "doors.json").write_text(json.dumps(doors), encoding="utf-8")
        return environment

    def _door(self, region: str) -> dict[str, str]:
        name = self._twin.names.stack("site-door", region)
        told = client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        return {each["OutputKey"]: each["OutputValue"] for each in told}

    def _found(self, site: str, database: str) -> Server | None:
        if site in self._lost or site not in self.all:
            return None
        return self._twin.rds.server(site, self._twin.names.database_host(database, site))

    def _site_of(self, address: str) -> str:
        names = self._twin.names
        known = {names.database_address(each.name, site): site for each in self._databases for site in each.regions}
        return known.get(address, "")


def _logins() -> Logins:
    return {role: {"username": user, "password": secrets.token_hex(16)} for role, user in ROLES.items()}
