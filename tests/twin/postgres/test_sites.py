"""A self-managed server of a site, promoted, kept and brought back over TLS: real PostgreSQL behind real agents."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from failover.adapters.aws import AwsAgent
from failover.adapters.aws.self_managed import SelfManagedReplicas
from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from failover.adapters.sites import FolderShelf
from failover.procedures.site_desk import SiteDesk
from failover.records import LossAllowed
from failover.tails import TailRequest
from failover.topology import SiteNames
from tests.site_agents import Certified
from tests.sites import CONTROL, HETZNER, OVH, places
from tests.twin.postgres.stage import MASTER, Eventually, free_port
from twin.postgres import Server, Servers

pytestmark = pytest.mark.twin

HOME = "home-eu"
TOPOLOGY = places(databases=(places().database(HOME),))
ADDRESSES = {HETZNER: "127.0.233.10", OVH: "127.0.234.10"}


class Frankfurt:
    """Two providers' servers, one of which follows the other, and their agents."""

    def __init__(self, folder: Path, servers: dict[str, Server]) -> None:
        self.servers, self.folder = servers, folder
        self.certified = Certified(folder, SiteNames(TOPOLOGY))
        self.agent = AwsAgent(TOPOLOGY, 5.0, CONTROL[0])
        self.driver = SelfManagedReplicas(TOPOLOGY, here=CONTROL[0])
        self.agents = {site: self.certified.agent(site, self._desk(site)) for site in servers}

    def copy(self, site: str) -> PostgresDatabase:
        server = self.servers[site]
        address = Address(server.address, server.port, MASTER.user, MASTER.password, MASTER.database)
        return PostgresDatabase(address, ApplicationRoles("rw", "ro"))

    def rejoin(self, database: str, writer: str) -> None:
        """What the command of Hetzner's host does; the twin's servers have it built in."""
        assert database == HOME
        self.servers[HETZNER].stop()
        self.servers[HETZNER].rewind(self.servers[writer])
        self.servers[HETZNER].start()

    def _desk(self, site: str) -> SiteDesk:
        return SiteDesk({HOME: self.copy(site)}, FolderShelf(self.folder / site, site), self)

    def add(self, site: str, number: int) -> None:
        with self.servers[site].connect(MASTER.database) as session:
            session.execute("insert into numbers values (%s)", (number,))

    def numbers(self, site: str) -> list[int]:
        with self.servers[site].connect(MASTER.database) as session:
            return [row[0] for row in session.execute("select n from numbers order by n")]


@pytest.fixture
def frankfurt(servers: Servers, tmp_path: Path, eventually: Eventually) -> Iterator[Frankfurt]:
    first = servers.create("hetzner", ADDRESSES[HETZNER], free_port(ADDRESSES[HETZNER]), MASTER)
    with first.connect(MASTER.database) as session:
        session.execute(f"set role {MASTER.user}; create table numbers (n int primary key); reset role")
        session.execute(f"grant execute on function pg_promote(boolean, integer) to {MASTER.user}")
    second = servers.replicate(first, "ovh", ADDRESSES[OVH], free_port(ADDRESSES[OVH]))
    made = Frankfurt(tmp_path, {HETZNER: first, OVH: second})
    with made.certified.reachable(made.agents):
        made.agent.install(HOME, HETZNER)
        made.agent.admit(HOME, HETZNER, 1, made.agent.describe(HOME, HETZNER).clock + 120)
        eventually(lambda: made.agent.describe(HOME, OVH).gate_epoch == 1)
        yield made
    servers.remove(second)
    servers.remove(first)


def test_a_provider_that_dies_is_replaced_over_tls_and_comes_back_behind_the_other_one(
    frankfurt: Frankfurt, eventually: Eventually
) -> None:
    frankfurt.add(HETZNER, 1)
    eventually(lambda: frankfurt.numbers(OVH) == [1])
    frankfurt.servers[OVH].stop_receiving()
    frankfurt.add(HETZNER, 99)
    frankfurt.servers[HETZNER].kill()
    position = frankfurt.agent.describe(HOME, OVH).position

    frankfurt.driver.promote(HOME, OVH, loss=LossAllowed.WITHIN_OBJECTIVE)
    assert frankfurt.driver.describe(HOME, OVH).source is None
    assert not frankfurt.agent.describe(HOME, OVH).gate_open, "a promotion gives no right to write"
    assert frankfurt.agent.admit(HOME, OVH, 2, frankfurt.agent.describe(HOME, OVH).clock + 120).gate_open
    frankfurt.add(OVH, 2)

    frankfurt.servers[HETZNER].start()
    assert frankfurt.agent.fence(HOME, HETZNER, 2).gate_fenced
    kept = frankfurt.agent.archive(HOME, HETZNER, TailRequest(1, position))
    assert kept.file is not None
    lines = Path(kept.file.removeprefix(f"file://{HETZNER}")).read_text("utf-8").splitlines()
    assert [json.loads(line)["columns"] for line in lines] == [{"n": "99"}]

    frankfurt.driver.rejoin(HOME, HETZNER, OVH, epoch=2)
    eventually(lambda: frankfurt.numbers(HETZNER) == [1, 2])
    assert frankfurt.agent.describe(HOME, HETZNER).in_recovery
