"""A site's agent over real TLS: it answers the control plane as Lambda does, and nobody else at all."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from failover.adapters.aws import AwsAgent
from failover.adapters.memory import ManualClock, MemoryCopy
from failover.adapters.sites import FolderShelf, SiteHosts
from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    FatalError,
    ReplicaNotReadyError,
    RequestInvalidError,
)
from failover.procedures.site_desk import SiteDesk
from failover.tails import TailRequest
from failover.topology import SiteNames
from site_hosts.authority import SitesAuthority
from tests.site_agents import Certified
from tests.sites import DIGITALOCEAN, HETZNER, OVH, places

TOPOLOGY = places()
NAMES = SiteNames(TOPOLOGY)
AGENT = NAMES.agent(OVH)
COMMAND = """#!/bin/sh
echo "$@" >> {folder}/asked
sleep {seconds}
echo {says}
exit {code}
"""


class Site(Certified):
    """OVH's agent, a copy beside it, and the command of its host."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, NAMES)
        self.copy = MemoryCopy(ManualClock(), position=4711, in_recovery=True)
        self.command(0)
        hosts = SiteHosts(TOPOLOGY, OVH, command=str(folder / "lifeboat-postgres"), waits_seconds=1.0)
        self.server = self.agent(OVH, SiteDesk({"home-eu": self.copy}, FolderShelf(folder / "tails", OVH), hosts))

    def command(self, code: int, *, says: str = "well", seconds: float = 0) -> None:
        file = self.folder / "lifeboat-postgres"
        file.write_text(COMMAND.format(folder=self.folder, code=code, says=says, seconds=seconds))
        file.chmod(0o700)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with site.reachable({OVH: site.server}):
        yield site


@pytest.fixture
def agent() -> AwsAgent:
    return AwsAgent(TOPOLOGY, 3.0, "ca-central-1")


def test_a_copy_says_what_it_is_and_is_promoted_fenced_and_admitted(site: Site, agent: AwsAgent) -> None:
    assert agent.describe("home-eu", OVH).position == 4711
    assert not agent.promote("home-eu", OVH).in_recovery
    assert agent.fence("home-eu", OVH, 2).gate_fenced
    with pytest.raises(EpochRefusedError, match="the agent of home-eu in frankfurt-ovh"):
        agent.fence("home-eu", OVH, 1)
    assert agent.admit("home-eu", OVH, 3, site.copy.describe().clock + 20).gate_open


def test_several_are_asked_at_once_and_the_dead_one_is_told_apart(site: Site, agent: AwsAgent) -> None:
    found = agent.describe_all([("home-eu", OVH), ("home-eu", HETZNER)])
    assert not isinstance(found["home-eu", OVH], Exception)
    assert isinstance(found["home-eu", HETZNER], DatabaseUnreachableError)
    assert site.copy.reachable


def test_what_people_wrote_at_a_site_is_kept_at_that_site(site: Site, agent: AwsAgent) -> None:
    agent.promote("home-eu", OVH)
    kept = agent.archive("home-eu", OVH, TailRequest(1, 4711))
    assert kept.file is not None
    file = Path(kept.file.removeprefix(f"file://{OVH}"))
    assert file.is_relative_to(site.folder / "tails")
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("who", [DIGITALOCEAN, OVH, "lifeboat-other-control"])
def test_another_certificate_of_the_authority_is_refused(site: Site, agent: AwsAgent, who: str) -> None:
    site.asks_as(who)
    with pytest.raises(RequestInvalidError, match=f"{who} may not ask; lifeboat-places-control may"):
        agent.describe("home-eu", OVH)


def test_a_certificate_of_another_authority_is_not_even_heard(site: Site, agent: AwsAgent, tmp_path: Path) -> None:
    site.asks_as(NAMES.asker, SitesAuthority.kept_in(tmp_path / "other", TOPOLOGY.name))
    with pytest.raises(DatabaseUnreachableError):
        agent.fence("home-eu", OVH, 9)
    assert site.copy.gate_epoch < 9


def test_who_shows_no_certificate_is_not_even_heard(site: Site) -> None:
    trust = ssl.create_default_context(cadata=site.authority.certificate)
    with (
        pytest.raises(OSError),
        socket.create_connection(("127.0.0.1", site.server.server_address[1]), 3) as plain,
        trust.wrap_socket(plain, server_hostname=AGENT) as secured,
    ):
        secured.sendall(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}")
        assert secured.recv(100) == b""
        raise ConnectionError("closed without a word")


def test_an_agent_that_cannot_prove_who_it_is_is_not_believed(site: Site, agent: AwsAgent, tmp_path: Path) -> None:
    site.secret |= {"authority": SitesAuthority.kept_in(tmp_path / "other", TOPOLOGY.name).certificate}
    with pytest.raises(DatabaseUnreachableError, match="SSLCertVerificationError"):
        agent.describe("home-eu", OVH)


def test_new_certificates_are_read_when_the_old_ones_are_refused(site: Site, agent: AwsAgent, tmp_path: Path) -> None:
    right = dict(site.secret)
    site.secret |= {"authority": SitesAuthority.kept_in(tmp_path / "other", TOPOLOGY.name).certificate}
    with pytest.raises(DatabaseUnreachableError):
        agent.describe("home-eu", OVH)
    site.secret = right
    assert agent.describe("home-eu", OVH).in_recovery


def test_a_stranger_who_says_nothing_keeps_nobody_waiting(site: Site, agent: AwsAgent) -> None:
    with socket.create_connection(("127.0.0.1", site.server.server_address[1]), 3):
        assert agent.describe("home-eu", OVH).in_recovery


def test_a_server_follows_the_writer_by_the_command_of_its_host(site: Site, agent: AwsAgent) -> None:
    agent.rejoin("home-eu", OVH, HETZNER)
    told = "rejoin home-eu home-eu.frankfurt-hetzner.database.places.example 5433"
    assert (site.folder / "asked").read_text().split("\n")[0] == told


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [(75, ReplicaNotReadyError, "an earlier one"), (3, FatalError, "ended with 3: no such slot")],
)
def test_how_the_command_ended_is_told(
    site: Site, agent: AwsAgent, code: int, error: type[Exception], says: str
) -> None:
    site.command(code, says="no such slot")
    with pytest.raises(error, match=says):
        agent.rejoin("home-eu", OVH, HETZNER)


def test_a_command_that_takes_long_is_looked_at_again_and_run_once(site: Site, agent: AwsAgent) -> None:
    site.command(0, seconds=1.5)
    with pytest.raises(ReplicaNotReadyError, match="still at work"):
        agent.rejoin("home-eu", OVH, HETZNER)
    agent.rejoin("home-eu", OVH, HETZNER)
    assert len((site.folder / "asked").read_text().splitlines()) == 1


@pytest.mark.parametrize("writer", [OVH, DIGITALOCEAN, "elsewhere; rm -rf /"])
def test_it_follows_nobody_who_holds_no_other_copy(site: Site, agent: AwsAgent, writer: str) -> None:
    with pytest.raises(RequestInvalidError, match="one of: frankfurt-hetzner"):
        agent.rejoin("home-eu", OVH, writer)
    assert not (site.folder / "asked").exists()
