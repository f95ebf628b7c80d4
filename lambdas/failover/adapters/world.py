"""The world on AWS, put together once for functions, operators and the twin."""

from failover.adapters.aws import (
    AwsAgent,
    AwsCaches,
    AwsCompute,
    AwsMachines,
    AwsObjects,
    AwsPager,
    AwsPromises,
    AwsReplicas,
    AwsStore,
    AwsTelemetry,
    AwsVeto,
)
from failover.adapters.http import ParallelHttp
from failover.adapters.replicated import GUARDS, QUICK
from failover.adapters.system import SystemClock
from failover.ports import Ports
from failover.regional_ports import RegionalServices
from failover.topology import Names, Topology

PATIENT_SECONDS = 30.0
"""How long an operator waits for an agent, which may have to start first."""


def world(topology: Topology, here: str, agent_seconds: float = 3.0) -> Ports:
    """Return the ports of whatever runs in a control region; no client is made before it is called."""
    names, clock = Names(topology), SystemClock()
    return Ports(
        here=here,
        clock=clock,
        store=AwsStore(names.quorum_table, topology.quorum.replicas),
        agent=AwsAgent(topology, agent_seconds, here),
        replicas=AwsReplicas(topology, here),
        http=ParallelHttp(clock),
        pager=AwsPager(names.pages_topic_arn(here), here),
        machines=AwsMachines(topology, here),
        telemetry=AwsTelemetry(topology, here, clock),
        services=RegionalServices(AwsCompute(topology), AwsCaches(topology), AwsObjects(topology)),
        veto=AwsVeto(topology, here),
        promises=AwsPromises(names.local_table, here),
    )


def quick_store(topology: Topology) -> AwsStore:
    """Return a store for those who must answer within seconds: one replica a call, and the next one the next time."""
    return AwsStore(Names(topology).quorum_table, topology.quorum.replicas, patience=QUICK)


def guards_store(topology: Topology) -> AwsStore:
    """Return a store for guards: when no replica answers there must be time left to ask for promises."""
    return AwsStore(Names(topology).quorum_table, topology.quorum.replicas, patience=GUARDS)


def operators_world(topology: Topology, region: str | None = None) -> Ports:
    """Return the ports of somebody who works from outside, through a control region's APIs.

    Without a region it is the first that is not born primary: an operator has no reason to depend on that one.
    """
    others = [each for each in topology.control_regions if each != topology.primary.name]
    return world(topology, region or (others or topology.control_regions)[0], PATIENT_SECONDS)
