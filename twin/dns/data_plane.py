"""Route 53's data plane put together for one twin: server, health checkers, and where both look."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from failover.topology import Names, Topology
from twin.dns.answers import Answers, Sources
from twin.dns.aws_names import AwsNames, DatabaseAddress
from twin.dns.health import HealthChange, HealthCheckers, Network
from twin.dns.health.statuses import AlarmState
from twin.dns.journal import Answered, AnswerJournal
from twin.dns.route53 import EmulatedRoute53
from twin.dns.server import DnsServer
from twin.network.addresses import OPERATOR, AddressPlan
from twin.network.state import NetworkState


class DataPlane:
    """Serves the account's hosted zones at the operator's address and checks the health of its endpoints.

    ``alarm_state`` gives a CloudWatch alarm's state by name and region, ``database_address`` an RDS
    instance's address by identifier and region (by default the topology's names at the plan's addresses),
    ``target_health`` whether an AWS resource that an alias evaluates has a healthy target.
    ``answered`` and ``health_changed`` hear of what happens as it happens, and must return at once.
    """

    def __init__(
        self,
        topology: Topology,
        plan: AddressPlan,
        network: NetworkState,
        alarm_state: AlarmState,
        *,
        database_address: DatabaseAddress | None = None,
        target_health: Callable[[str], bool] = lambda _: True,
        checkers: int = 3,
        answered: Callable[[Answered], None] | None = None,
        health_changed: Callable[[HealthChange], None] = lambda _: None,
    ) -> None:
        route53 = EmulatedRoute53(topology.account)
        address = (OPERATOR, plan.ports.dns)
        self._route53, self._names = route53, Names(topology)
        self.journal = AnswerJournal(answered)
        self.health = HealthCheckers(
            route53.health_checks,
            Network(address, plan.ports.mapped, network.between),
            alarm_state,
            checkers=checkers,
            told=health_changed,
        )
        aws = AwsNames(plan, database_address or by_names(topology, plan))
        self._answers = Answers(Sources(route53.zones, self.health.healthy, aws, target_health, plan.near_on_the_map))
        self.server = DnsServer(address, self._answers, plan.place, self.journal)

    def answers(self, name: str, region: str) -> tuple[str, ...]:
        """Return the addresses that people near a region would be told now; nobody's question is written down."""
        return self._answers.reply(name, "A", region).addresses

    def subjects(self) -> dict[str, str]:
        """Return the health checks of the levers and of what is calculated from them: id → the region in question.

        A child asks a lever for its region's path; a calculated check is about what its children are about.
        """
        checks = self._route53.health_checks()
        paths = {self._names.lever_path(region): region for region in self._names.topology.region_names}
        children = {
            check: paths[str(told["ResourcePath"])]
            for check, told in checks.items()
            if told.get("ResourcePath") in paths
        }
        calculated = {
            check: children[child]
            for check, told in checks.items()
            for child in told.get("ChildHealthChecks", ())
            if child in children
        }
        return children | calculated

    def start(self) -> Self:
        """Serve, then check."""
        self.server.start()
        self.health.start()
        return self

    def stop(self) -> None:
        """Stop checking, then serving."""
        self.health.stop()
        self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def by_names(topology: Topology, plan: AddressPlan) -> DatabaseAddress:
    """Return the addresses of the topology's databases by their RDS identifiers."""
    names = Names(topology)
    addresses = {
        (names.db_instance(database.name, region), region): plan.database(database.name, region)
        for database in topology.databases
        for region in database.regions
    }
    return lambda identifier, region: addresses.get((identifier, region))
