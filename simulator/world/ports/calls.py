"""AWS's APIs as one region's functions call them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from simulator.kernel import Kernel
from simulator.world.network import REFUSED_SECONDS, Network, NoAnswer, Refused
from simulator.world.recorder import Recorder
from simulator.world.runs import Run

T = TypeVar("T")

TAKES: Final = {
    "cloudwatch": "cloudwatch.put",
    "dynamodb": "dynamodb.write",
    "rds": "rds.call",
    "s3": "s3.call",
    "sns": "sns.publish",
}
"""The latency of each service's calls, where a call has none of its own."""

OTHERS: Final = "aws.call"

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
        takes_seconds: float | None = None,
        writes: bool = True,
    ) -> T:
        """Call an API; raises ``NoAnswer`` or ``Refused`` besides what the service itself answers."""
        self.recorder.called(self.kernel.now, self.here, target, service, action)
        _require_right_time(self.network, self.here)
        if takes_seconds is None:
            takes_seconds = self.network.latencies.of(TAKES.get(service, OTHERS)).draw(self.network.chance)
        run = self.acting() if writes else None
        if run is None or run.halt is None:  # nothing can befall it
            return self.network.ask(
                self.here, target, act, service=service, timeout_seconds=seconds, takes_seconds=takes_seconds
            )

        def done() -> T:
            run.writing()
            if self.network.broken(self.here, target) is not None:  # it stood still, and its request goes nowhere
                raise NoAnswer(f"{target} did not answer")
            answer = act()
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
        calls = self.calls
        run = calls.acting() if writes else None
        if run is not None and run.halt is not None:
            return calls.ask(target, service, "", act, seconds=timeout_seconds, takes_seconds=takes_seconds)
        # The same without what can befall nobody here: half of all calls are these.
        calls.recorder.counted[service] += 1
        _require_right_time(calls.network, source)
        return calls.network.ask(
            source, target, act, service=service, timeout_seconds=timeout_seconds, takes_seconds=takes_seconds
        )


def _require_right_time(network: Network, here: str) -> None:
    """Refuse what a function has signed by a clock that AWS does not take; what services sign is by their own."""
    if here in network.mistimed:
        network.kernel.sleep(REFUSED_SECONDS)
        raise Refused("RequestTimeTooSkewed")
