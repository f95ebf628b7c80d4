"""What stands around the control plane: users, the product's services, DNS with its health checkers, alarms."""

from collections.abc import Callable, Collection, Mapping
from random import Random
from typing import Any

from failover.topology import Topology
from rehearsal.form import Load
from simulator.world.alarms import Alarms
from simulator.world.clients import Clients
from simulator.world.databases import Copy
from simulator.world.dns import Dns
from simulator.world.entrances import Entrances
from simulator.world.functions import Functions
from simulator.world.gray import Gray
from simulator.world.health_checks import LeverChecks
from simulator.world.network import Network
from simulator.world.recorder import Recorder
from simulator.world.service import Services


class Outside:
    """Everything that Lifeboat does not run, put together."""

    def __init__(
        self,
        topology: Topology,
        *,
        network: Network,
        functions: Functions,
        copies: Mapping[tuple[str, str], Copy],
        recorder: Recorder,
        chance: Callable[[str], Random],
        put_event: Callable[[str, str, str, Mapping[str, Any]], None],
        gray: Gray,
        load: Load,
        notices: Collection[str] = (),
    ) -> None:
        self.services = Services(topology.region_names, copies, network, chance("services"))
        self.checks = LeverChecks(
            topology,
            network,
            functions,
            chance("checks"),
            recorder,
            changed=lambda at: self.dns.look(at),  # noqa: PLW0108 - it is made below
            gray=gray,
        )
        noticed = {region for route in topology.routes if route.name in notices for region in route.regions}
        self.entrances = Entrances(
            sorted(noticed),
            network,
            chance("entrances"),
            lambda at: self.dns.look(at),  # noqa: PLW0108 - it is made below
        )
        self.dns = Dns(
            topology,
            network.latencies,
            chance("dns"),
            self.checks.sound,
            recorder,
            notices=notices,
            seen=self.entrances.seen,
        )
        self.clients = Clients(
            topology,
            network,
            self.services,
            self.dns,
            chance("clients"),
            recorder=recorder,
            load=load,
        )
        self.alarms = Alarms(topology, network, chance("alarms"), put_event, recorder, gray=gray)

    def start(self) -> None:
        """Begin."""
        self.checks.start()
        self.entrances.start()
        self.alarms.start()
        self.clients.start()

    def restart(self, region: str) -> None:
        """The service of a region starts again: it remembers nothing."""
        if region in self.services.by_region:
            self.services[region].restart()
