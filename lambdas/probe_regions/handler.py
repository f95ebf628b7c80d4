"""Watch the other regions for a little longer than a minute, and vote."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from failover.observation import Observer
from runtime import wiring
from runtime.entry import entry


@entry
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Probe until the next minute's run has taken over."""
    ports, topology = wiring.ports(), wiring.topology()
    observer = Observer(ports, topology, run=int(ports.clock.now().timestamp() * 1000))
    observer.watch_until(ports.clock.elapsed() + topology.observation.run_seconds)
    return {"probes": observer.probes}
