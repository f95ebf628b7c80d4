"""What the tests of this folder share: names, credentials, and RDS as boto3 sees it."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from twin.aws.rds import Durations, Rds
from twin.postgres import Credentials

Eventually = Callable[[Callable[[], bool]], None]

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-1")
PRIMARY, REPLICA = "orders-us", "orders-eu"
MASTER = Credentials("owner", "correct horse", "orders")
FAST = Durations(modifying_seconds=0.3, backing_up_seconds=0.3, unanswered_seconds=3.0)


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@dataclass
class Cloud:
    """RDS of three regions, and what it has told EventBridge."""

    rds: Rds
    url: str
    told: list[tuple[str, dict[str, Any]]]
    clients: dict[tuple[str, str, float], Any] = field(default_factory=dict)

    def client(self, service: str, region: str, *, read_timeout: float = 20.0) -> Any:
        key = (service, region, read_timeout)
        if key not in self.clients:
            make: Any = boto3.client
            self.clients[key] = make(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="x",
                config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout, connect_timeout=5),
            )
        return self.clients[key]

    def describe(self, region: str, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client("rds", region).describe_db_instances(DBInstanceIdentifier=identifier)[
            "DBInstances"
        ][0]
        return found

    def status(self, region: str, identifier: str) -> str:
        return str(self.describe(region, identifier)["DBInstanceStatus"])

    def event_ids(self, region: str) -> list[str]:
        return [event["detail"]["EventID"] for at, event in self.told if at == region]
