"""The quickstart topology as these tests need it."""

from __future__ import annotations

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
    Targets,
    Topology,
)


def topology_of(neutral: tuple[str, ...] = (), control: tuple[str, ...] = ()) -> Topology:
    names = ("us-east-1", "eu-west-1", "ap-southeast-1")
    roles = (Role.PRIMARY, Role.SECONDARY, Role.SECONDARY)
    return Topology(
        name="quickstart",
        account="111122223333",
        domain="quickstart.example",
        regions=tuple(Region(name, role, "world", "10.0.0.0/16") for name, role in zip(names, roles, strict=True)),
        control_regions=(*names, *control),
        quorum=QuorumPlaces(("eu-central-1", "eu-west-2", "eu-west-3"), None),
        databases=(
            Database(
                "orders", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "world", names[0], names[1:], 60, "db.r6g.large", 20
            ),
        ),
        routes=(),
        observation=Observation(5, 2, 3, 15, neutral),
        lease=Lease(20, 2, 5),
        policy=Policy(Automation.AUTOMATIC, 10, 600, 2),
        targets=Targets(120, 60, 15),
    )
