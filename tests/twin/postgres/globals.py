"""A global database of three regions, as a test asks for it, moves it and looks at it."""

from itertools import count
from typing import Any

from tests.twin.postgres.stage import ACCOUNT, MASTER, REGIONS, Cloud, Eventually
from twin.postgres import Server

US, EU, AP = REGIONS
GLOBAL = "ledger"
NUMBERS = count(1)


class GlobalDatabase:
    """Clusters ``<name>-<region>`` in three regions."""

    def __init__(self, cloud: Cloud, eventually: Eventually, name: str = GLOBAL) -> None:
        self.cloud, self.eventually, self.name = cloud, eventually, name

    def make(self) -> None:
        """Create it, if it is not there."""
        if self.client(US).describe_global_clusters()["GlobalClusters"]:
            return
        self.client(US).create_global_cluster(GlobalClusterIdentifier=self.name, Engine="aurora-postgresql")
        for region in REGIONS:
            owner = {"MasterUsername": MASTER.user, "MasterUserPassword": MASTER.password, "DatabaseName": "orders"}
            self.client(region).create_db_cluster(
                DBClusterIdentifier=f"{self.name}-{region}",
                Engine="aurora-postgresql",
                GlobalClusterIdentifier=self.name,
                **(owner if region == US else {}),
            )
        with self.server(US).connect("orders") as session:
            session.execute("create table numbers (n int)")

    def write_from(self, region: str) -> None:
        """Wait until all is well, with this region's cluster as the writer."""
        self.mend()
        if not self.settled(region):
            self.client(region).switchover_global_cluster(**self.towards(region))
        self.eventually(lambda: self.settled(region) and self.connected())

    def mend(self) -> None:
        """End every fault, and wait until every member is connected."""
        for region in REGIONS:
            self.cloud.rds.faults.clear(region, f"{self.name}-{region}")
            self.cloud.rds.region_up(region)
            self.cloud.rds.replica_catches_up(region, f"{self.name}-{region}")
        self.eventually(lambda: self.describe()["Status"] == "available" and self.connected())

    def client(self, region: str, *, read_timeout: float = 20.0) -> Any:
        return self.cloud.client("rds", region, read_timeout=read_timeout)

    def arn(self, region: str) -> str:
        return f"arn:aws:rds:{region}:{ACCOUNT}:cluster:{self.name}-{region}"

    def towards(self, region: str) -> dict[str, str]:
        return {"GlobalClusterIdentifier": self.name, "TargetDbClusterIdentifier": self.arn(region)}

    def describe(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client(AP).describe_global_clusters(GlobalClusterIdentifier=self.name)
        found: dict[str, Any] = told["GlobalClusters"][0]
        return found

    def cluster(self, region: str) -> dict[str, Any]:
        told = self.client(region).describe_db_clusters(DBClusterIdentifier=f"{self.name}-{region}")
        found: dict[str, Any] = told["DBClusters"][0]
        return found

    def settled(self, region: str) -> bool:
        """Whether the region's cluster is the writer and nothing moves."""
        told = self.describe()
        writers = [each["DBClusterArn"] for each in told["GlobalClusterMembers"] if each["IsWriter"]]
        return (told["Status"], writers, told.get("FailoverState")) == ("available", [self.arn(region)], None)

    def synchronization(self, region: str) -> str:
        members = {each["DBClusterArn"]: each for each in self.describe()["GlobalClusterMembers"]}
        return str(members[self.arn(region)]["SynchronizationStatus"])

    def connected(self) -> bool:
        return all(self.synchronization(region) == "connected" for region in REGIONS)

    def server(self, region: str) -> Server:
        return self.cloud.rds.server(region, f"{self.name}-{region}")

    def add(self, region: str) -> int:
        number = next(NUMBERS)
        with self.server(region).connect("orders") as session:
            session.execute("insert into numbers values (%s)", (number,))
        return number

    def has(self, region: str, number: int) -> bool:
        with self.server(region).connect("orders") as session:
            return session.execute("select 1 from numbers where n = %s", (number,)).fetchone() is not None
