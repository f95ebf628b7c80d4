"""AWS's APIs as one region's functions call them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from simulator.kernel import Kernel
from simulator.world.network import Network
from simulator.world.recorder import Recorder
from simulator.world.runs import Run

T = TypeVar("T")

API_SECONDS: Final = 3.0
"""How long the adapters wait for most of AWS's answers; see ``failover.adapters.aws.clients.client``."""


@dataclass(frozen=True, slots=True)
class Calls:
    """AWS's APIs as one region's functions call them: over the network, counted, and with a death after a write."""

    here: str
    kernel: Kernel
    network: Network
    recorder: Recorder

    def ask(
        self,
        target: str,
        service: str,
        action: str,
        act: Callable[[], T],
        *,
        seconds: float = API_SECONDS,
        takes_seconds: float = 0.0,
        writes: bool = True,
    ) -> T:
        """Call an API; raises ``NoAnswer`` or ``Refused`` besides what the service itself answers."""
        self.recorder.called(self.kernel.now, self.here, target, service, action)

        def done() -> T:
            if not writes:
                return act()
            run = self.acting()
            if run is not None and run.halt is not None:
                run.writing()
            answer = act()
            if run is not None:
                run.wrote()
            return answer

        return self.network.ask(
            self.here, target, done, service=service, timeout_seconds=seconds, takes_seconds=takes_seconds
        )

    def acting(self) -> Run | None:
        """The function's run that acts now, if it is one."""
        actor = self.kernel.running
        return actor.context if actor is not None and isinstance(actor.context, Run) else None


@dataclass(frozen=True, slots=True)
class StoreCalls:
    """``store.Reach``: the quorum store's replicas over the same network, and the same death after a write."""

    calls: Calls

    def ask(
        self,
        source: str,
        target: str,
        act: Callable[[], T],
        *,
        service: str,
        timeout_seconds: float,
        takes_seconds: float,
        writes: bool,
    ) -> T:
        """Call a replica."""
        del source, service  # it is this region that asks, and DynamoDB that is asked
        return self.calls.ask(
            target, "dynamodb", "", act, seconds=timeout_seconds, takes_seconds=takes_seconds, writes=writes
        )
