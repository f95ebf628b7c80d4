"""The twin: the regions of one topology on one machine, from the ground up and down again."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import boto3

from failover.adapters.world import operators_world
from failover.topology import Names, Topology
from topology_document import NOTHING, Infrastructure, written
from twin.aws.alarms import AlarmEvaluator
from twin.aws.edge import Edge
from twin.aws.edges import Edges
from twin.aws.emulated_aws import EmulatedAws
from twin.aws.hosts import PostgresHosts
from twin.aws.rds import Rds
from twin.aws.settings import environment as process_environment
from twin.deployment import Deployment
from twin.dns.data_plane import DataPlane
from twin.first_day import begin, login, secret_of
from twin.network import AddressPlan, CertificateAuthority, NetworkState, claim_ports
from twin.network.addresses import OPERATOR
from twin.network.certificates import names_of
from twin.network.ports import POSTGRES
from twin.network.surroundings import surroundings
from twin.operators_secrets import write_secrets
from twin.pages import Pages
from twin.playable import require_playable
from twin.postgres import Servers
from twin.services import Services
from twin.sites.loopback import on_loopback
from twin.sites.resolving import OperatorsResolver
from twin.sites.sites import Sites

Told = Callable[[str], None]

FIRST_FIRING_SECONDS: Final = 1.0
"""AWS lets a new rate rule wait for a whole period; a drill does not."""
SECRET: Final = "twin"  # noqa: S105 - the emulated account takes any


class Twin:
    """Everything of one topology, between ``start`` and ``stop``; also a context.

    Args:
        topology: what is deployed.
        infrastructure: what else its document asks for.
        told: hears of each stage of the deployment, in a few words.
        keep: a folder for logs and files that stays; without it a temporary one, which goes with the twin.
    """

    def __init__(
        self,
        topology: Topology,
        infrastructure: Infrastructure = NOTHING,
        *,
        told: Told = lambda _text: None,
        keep: Path | None = None,
    ) -> None:
        self.plan = AddressPlan.of(topology)
        self.topology = on_loopback(topology, self.plan)
        self.infrastructure, self.names = infrastructure, Names(self.topology)
        self._told, self._keep = told, keep
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bring everything up: network, AWS, databases, DNS, the real deployment, the first writers, the services."""
        require_playable()
        try:
            self._lay_ground()
            self._deploy()
            self._begin()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Take everything down in the opposite order; safe to repeat."""
        self._closing.close()

    def environment(self, region: str | None = None) -> dict[str, str]:
        """Return what points an AWS SDK or CLI at this twin, at the operator's place."""
        return {
            "AWS_ENDPOINT_URL": f"http://{OPERATOR}:{self.plan.ports.api}",
            "AWS_ACCESS_KEY_ID": self.topology.account,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": region or self.topology.control_regions[-1],
            "AWS_DEFAULT_REGION": region or self.topology.control_regions[-1],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def around(self, region: str) -> dict[str, str]:
        """Return the environment of a child process that runs in a region."""
        return surroundings(self.plan, self.plan.vantage(region), self.network.path, self.authority.file)

    def _lay_ground(self) -> None:
        closing = self._closing
        self.folder = self._keep.resolve() if self._keep else Path(tempfile.mkdtemp(prefix="lifeboat-twin-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._keep is None:
            closing.callback(shutil.rmtree, self.folder, ignore_errors=True)
        plan = self.plan
        claim = closing.enter_context(claim_ports(lambda ports: plan.with_ports(ports).listeners()))
        self.plan = plan = plan.with_ports(claim.ports)
        self.network = NetworkState(plan, self.folder / "network.json")
        closing.callback(self.network.close)
        self.authority = CertificateAuthority(self.folder)

        self._told("PostgreSQL, AWS, DNS")
        self.servers = closing.enter_context(Servers())
        self.aws = EmulatedAws(
            plan,
            worker_environment=self._worker_environment,
            folder=self.folder / "aws",
            account=self.topology.account,
            first_firing_seconds=FIRST_FIRING_SECONDS,
        )
        closing.enter_context(self.aws)
        self.rds = closing.enter_context(Rds(self.servers, place=self._place, put_aws_event=self.aws.put_aws_event))
        closing.enter_context(PostgresHosts(self.topology, plan, self.rds, secret_of))
        self.pages = closing.enter_context(Pages(self.names.pages_topic))
        self.alarms = AlarmEvaluator(is_down=self.aws.outages.is_down, put_aws_event=self.aws.put_aws_event)
        self.alarms.start()
        closing.callback(self.alarms.stop)
        state = self.alarms.state(self.topology.account)
        self.dns = closing.enter_context(DataPlane(self.topology, plan, self.network, state))
        signed = self.certificate = self.authority.issue("twin", names_of(plan, self.topology.domain))
        edge = Edge(plan, self.aws.apis, self.aws.outages, certificate=signed.certificate, key=signed.key)
        closing.enter_context(edge)
        near = (plan.edge, plan.ports.https)
        closing.enter_context(Edges(near, self.topology.account, certificate=signed.certificate, key=signed.key))
        closing.enter_context(process_environment(self.environment()))
        self.sites = Sites(self)
        closing.callback(self.sites.stop)
        if self.sites.all:
            closing.enter_context(OperatorsResolver(self))

    def _worker_environment(self, region: str) -> Mapping[str, str]:
        functions = self.plan.functions(region)
        around = surroundings(self.plan, functions, self.network.path, self.authority.file)
        # Traces go nowhere here: there is no daemon that takes them.
        return {
            **around,
            "LIFEBOAT_TWIN_CLOCK": region,
            "AWS_XRAY_CONTEXT_MISSING": "IGNORE_ERROR",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }

    def _place(self, region: str, identifier: str) -> tuple[str, int]:
        for database in self.topology.databases:
            if identifier == self.names.db_instance(database.name, region):
                port = database.port if region in self.plan.near else POSTGRES
                return self.plan.database(database.name, region), self.plan.ports.mapped(port)
            if identifier.startswith(self.names.db_instance_before(database.name, region, 0).removesuffix("0")):
                return self.plan.kept(identifier, region), self.plan.ports.postgres
        raise KeyError(f"{identifier} in {region} is no copy of a database of {self.topology.name}")

    def _deploy(self) -> None:
        document, self.assembly = self.folder / "topology.json", self.folder / "cdk.out"
        document.write_text(written(self.topology, self.infrastructure), encoding="utf-8")
        deployment = Deployment(
            self.topology,
            document,
            self.assembly,
            self.environment(),
            told=lambda stack: self._told(f"  {stack}"),
        )
        self._told("cdk synth")
        deployment.synthesise()
        self._told("cdk bootstrap")
        deployment.bootstrap()
        write_secrets(deployment.assembly, lambda region: boto3.client("secretsmanager", region_name=region))
        self.sites.before_deployment()
        self._told("cdk deploy --all")
        deployment.deploy()
        self.sites.after_deployment()
        self.aws.functions.warm()

    def _begin(self) -> None:
        self._told("first writers, services, first votes")
        self.operator = operators_world(self.topology)
        begin(self)

    def start_services(self) -> None:
        """Start the workload's service of every region, with the passwords that the deployment made."""
        self.services = Services(self, lambda database, role: login(self, database, role)[1])
        self._closing.callback(self.services.stop)
        self.services.start()
