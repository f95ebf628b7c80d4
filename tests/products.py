"""Topologies for tests, built without YAML."""

from failover.topology import (
    Automation,
    Database,
    DatasetKind,
    Engine,
    Lease,
    Observation,
    Policy,
    QuorumPlaces,
    Region,
    Role,
    Route,
    RoutePolicy,
    Targets,
    Topology,
)

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"
QUORUM = ("eu-central-1", "eu-west-2", "eu-west-3")


def quickstart(**changes: object) -> Topology:
    """Three regions, one database; the timings of the quickstart."""
    fields: dict[str, object] = {
        "name": "quickstart",
        "account": "111122223333",
        "domain": "quickstart.example",
        "regions": (
            Region(US, Role.PRIMARY, "global", "10.10.0.0/16"),
            Region(EU, Role.SECONDARY, "global", "10.20.0.0/16"),
            Region(AP, Role.SECONDARY, "global", "10.30.0.0/16"),
        ),
        "control_regions": (US, EU, AP),
        "quorum": QuorumPlaces(QUORUM, None),
        "databases": (
            Database(
                "orders", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", US, (EU, AP), 60, "db.r6g.large", 100
            ),
        ),
        "routes": (Route("app", RoutePolicy.LATENCY, 20, (US, EU, AP), writes=True),),
        "observation": Observation(
            5.0, 2.0, 3, 20.0, tuple(f"https://dynamodb.{region}.amazonaws.com/ping" for region in QUORUM)
        ),
        "lease": Lease(20.0, 2.0, 5.0),
        "policy": Policy(Automation.AUTOMATIC, 12.0, 3600.0, 2),
        "targets": Targets(120, 60, 15),
    }
    return Topology(**{**fields, **changes})  # type: ignore[arg-type]
