"""Two regions with a database, services and DNS, as the workload meets them; no AWS."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from failover.topology import Names, Route, RoutePolicy, Topology
from rehearsal.form import Load
from tests.twin.network.quickstart import topology_of
from twin.dns.answers import Answers, Sources
from twin.dns.aws_names import AwsNames
from twin.dns.records import RecordSet, Zone
from twin.dns.server import DnsServer
from twin.network import AddressPlan, CertificateAuthority, NetworkState, claim_ports
from twin.network.certificates import names_of
from twin.network.surroundings import surroundings
from twin.postgres import Credentials, Server, Servers
from twin.workload.clients import Clients
from twin.workload.processes import ServiceProcess
from twin.workload.sending import Reply, Sender
from twin.workload.settings import ServiceSettings
from twin.workload.tables import create_tables

US, EU = "us-east-1", "eu-west-1"
MASTER = Credentials("master", "master-secret", "orders")
ROLES = ApplicationRoles("rw-secret", "ro-secret")
TTL_SECONDS = 1


def quickstart() -> Topology:
    route = Route("app", RoutePolicy.LATENCY, TTL_SECONDS, (US, EU), writes=True)
    return replace(topology_of(), routes=(route,))


@dataclass
class World:
    """The servers, services and records of one test module."""

    topology: Topology
    plan: AddressPlan
    authority: CertificateAuthority
    network: NetworkState
    servers: dict[str, Server] = field(default_factory=dict)
    services: dict[str, ServiceProcess] = field(default_factory=dict)
    points_at: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        return Names(self.topology)

    def zones(self) -> list[Zone]:
        """``app`` leads people near a region to where ``points_at`` says."""
        name = f"{self.names.route('app')}."
        records = [
            RecordSet(name, "CNAME", TTL_SECONDS, (self.names.origin(target),), set_identifier=near, region=near)
            for near, target in self.points_at.items()
        ]
        records += [
            RecordSet(f"{self.names.origin(region)}.", "A", TTL_SECONDS, (self.plan.load_balancer(region),))
            for region in (US, EU)
        ]
        return [Zone.of("Z", self.topology.domain, records)]

    def gate(self, region: str) -> PostgresDatabase:
        server = self.servers[region]
        address = Address(server.address, server.port, MASTER.user, MASTER.password, MASTER.database)
        return PostgresDatabase(address, ROLES)

    def admit(self, region: str, epoch: int, seconds: float = 60.0) -> None:
        gate = self.gate(region)
        gate.admit(epoch, gate.clock().timestamp() + seconds)

    def numbers(self, region: str, client: str) -> list[int]:
        with self.servers[region].connect(MASTER.database) as session:
            found = session.execute("select number from rows where client = %s order by number", (client,))
            return [number for (number,) in found]

    def write(self, region: str, client: str, number: object) -> Reply:
        """Write through the service of a region, not through DNS."""
        sender = Sender(self.plan.users(US), self.plan.ports.https, self.authority.file, self.network.between)
        request = {"client": client, "number": number}
        addresses = [self.plan.load_balancer(region)]
        return sender.post(self.names.route("app"), addresses, "/rows", request, time.monotonic() + 2.0)

    def get(self, region: str, path: str) -> Reply:
        trust = ssl.create_default_context(cafile=str(self.authority.file))
        trust.check_hostname = False
        address = self.plan.load_balancer(region)
        connection = HTTPSConnection(address, self.plan.ports.https, timeout=2.0, context=trust)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return Reply(answer.status, json.loads(answer.read()))
        finally:
            connection.close()

    def parts(self, region: str) -> tuple[int, dict[str, str]]:
        answer = self.get(region, "/health/deep")
        return answer.status, {name: part["status"] for name, part in answer.told["parts"].items()}

    def clients(self, *groups: str, rate: float = 10.0) -> Clients:
        return Clients(
            self.topology,
            self.plan,
            groups,
            Load(writes_per_second=rate),
            self.authority.file,
            now=time.monotonic,
            between=self.network.between,
        )


def service(world: World, region: str, folder: Path) -> ServiceProcess:
    files = world.authority.issue(region, names_of(world.plan, world.topology.domain))
    identifiers = {each: world.names.db_instance("orders", each) for each in (US, EU)}
    settings = ServiceSettings(
        region=region,
        address=world.plan.load_balancer(region),
        port=world.plan.ports.https,
        certificate=str(files.certificate),
        key=str(files.key),
        endpoints={each: f"{name}.c0twin.{each}.rds.amazonaws.com" for each, name in identifiers.items()},
        database=MASTER.database,
        app_rw_password="rw-secret",
        app_ro_password="ro-secret",
        workers=("nightly",),
    )
    around = surroundings(world.plan, world.plan.vantage(region), world.network.path, world.authority.file)
    return ServiceProcess(settings, around, folder / f"service-{region}.log")


@contextmanager
def placed(folder: Path) -> Iterator[World]:
    """Ports, certificates and a network; nothing runs."""
    topology = quickstart()
    plan = AddressPlan.of(topology)
    with claim_ports(lambda ports: plan.with_ports(ports).listeners()) as claim:
        plan = plan.with_ports(claim.ports)
        network = NetworkState(plan, folder / "network.json")
        with closing(network):
            yield World(topology, plan, CertificateAuthority(folder), network, points_at={US: US, EU: EU})


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Both regions; no gate yet; everybody is led to the region that is near."""
    with ExitStack() as opened:
        world = opened.enter_context(placed(folder))
        plan, port = world.plan, world.plan.ports.postgres
        aws = AwsNames(plan, lambda _name, region: plan.database("orders", region))
        answers = Answers(Sources(world.zones, lambda _: True, aws))
        opened.enter_context(DnsServer(("127.0.0.1", plan.ports.dns), answers, plan.place))
        servers = opened.enter_context(Servers())
        world.servers[US] = servers.create("us", plan.database("orders", US), port, MASTER)
        world.servers[EU] = servers.replicate(world.servers[US], "eu", plan.database("orders", EU), port)
        with world.servers[US].connect(MASTER.database) as session:
            session.execute("set role master")
            create_tables(session)
        for region in (US, EU):
            world.services[region] = service(world, region, folder)
            opened.callback(world.services[region].kill)
            world.services[region].start()
        yield world


def eventually(holds: Callable[[], Any], seconds: float = 10.0) -> float:
    """Wait until something holds and return how long that took; fail after ``seconds``."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if holds():
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"it did not come true within {seconds} s")
