"""PostgreSQL servers on loopback, and MiniStack's RDS bound to them, served to boto3 in this process."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.twin.postgres.stage import (
    ACCOUNT,
    FAST,
    MASTER,
    PRIMARY,
    REGIONS,
    REPLICA,
    Cloud,
    Eventually,
    free_port,
)
from twin.aws.rds import Rds
from twin.postgres import Server, Servers


@pytest.fixture
def eventually() -> Eventually:
    """Wait until something holds; fail after 15 s."""

    def wait(holds: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(750):
            if holds():
                return
            pause.wait(0.02)
        pytest.fail("it did not come true within 15 s")

    return wait


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with Servers() as servers:
        yield servers


@pytest.fixture(scope="module")
def lasting_primary(servers: Servers) -> Server:
    """A primary of the whole module, with a table ``numbers`` of one column."""
    address = "127.0.201.10"
    primary = servers.create("primary", address, free_port(address), MASTER)
    with primary.connect("orders") as session:
        session.execute("create table numbers (n int)")
    return primary


@pytest.fixture
def primary(lasting_primary: Server) -> Server:
    """A running primary whose table is empty."""
    lasting_primary.start()
    with lasting_primary.connect("orders") as session:
        session.execute("truncate numbers")
    return lasting_primary


@pytest.fixture(scope="module")
def held() -> list[Server]:
    """The replica of the last test: used again while it is one, since a base backup takes its time."""
    return []


@pytest.fixture
def replica(servers: Servers, primary: Server, held: list[Server], eventually: Eventually) -> Server:
    """A replica that has all that its primary has."""
    if held and not (held[0].running and held[0].is_in_recovery()):
        servers.remove(held.pop())
    if not held:
        address = "127.0.202.10"
        held.append(servers.replicate(primary, "replica", address, free_port(address)))
    held[0].delay_replay(0)
    held[0].resume_receiving()
    eventually(lambda: held[0].positions().replayed >= primary.positions().received)
    return held[0]


@pytest.fixture(scope="module")
def ministack() -> Iterator[str]:
    """The URL of MiniStack, served from this process on a free port of 127.0.0.1."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config as Hypercorn
    from ministack.app import app

    config = Hypercorn()
    stop = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who comes before the thread has begun to serve waits, and is not refused
        config.bind = [f"fd://{listener.fileno()}"]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        async def run() -> None:
            await serve(app, config, shutdown_trigger=lambda: asyncio.to_thread(stop.wait))

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        yield url
        stop.set()
        thread.join(timeout=20)
        listener.detach()


@pytest.fixture(scope="module")
def cloud(ministack: str, servers: Servers) -> Iterator[Cloud]:
    """RDS on the servers, with the instance ``PRIMARY`` in us-east-1."""
    from ministack.services import rds as ministack_rds

    port = free_port("127.0.211.10")

    def place(region: str, _identifier: str) -> tuple[str, int]:
        return f"127.0.{211 + REGIONS.index(region)}.10", port

    told: list[tuple[str, dict[str, Any]]] = []
    with Rds(
        servers, place=place, put_aws_event=lambda region, event: told.append((region, event)), durations=FAST
    ) as rds:
        yield Cloud(rds, ministack, told)
    for table in (ministack_rds._instances, ministack_rds._clusters, ministack_rds._global_clusters):
        table.clear()


@pytest.fixture
def quickstart(cloud: Cloud, eventually: Eventually) -> Iterator[Cloud]:
    """A primary in us-east-1 and a read replica of it in eu-west-1, both available; made anew if promoted."""
    virginia, ireland = (cloud.client("rds", region) for region in REGIONS[:2])
    if f"{PRIMARY}.c0twin.us-east-1.rds.amazonaws.com" not in cloud.rds.endpoints():
        virginia.create_db_instance(
            DBInstanceIdentifier=PRIMARY,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername=MASTER.user,
            MasterUserPassword=MASTER.password,
            DBName=MASTER.database,
        )
        eventually(lambda: cloud.status("us-east-1", PRIMARY) == "available")
        with cloud.rds.server("us-east-1", PRIMARY).connect(MASTER.database) as session:
            session.execute("create table numbers (n int)")
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{PRIMARY}"
    made = ireland.describe_db_instances()["DBInstances"]
    if made and made[0].get("ReadReplicaSourceDBInstanceIdentifier") != arn:
        ireland.delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
        made = []
    if not made:
        ireland.create_db_instance_read_replica(DBInstanceIdentifier=REPLICA, SourceDBInstanceIdentifier=arn)
        eventually(lambda: cloud.status("eu-west-1", REPLICA) == "available")
    cloud.told.clear()
    yield cloud
    cloud.rds.faults.clear("eu-west-1", REPLICA)
    eventually(lambda: cloud.status("eu-west-1", REPLICA) == "available")
