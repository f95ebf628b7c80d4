"""RDS's own events, in the shape in which EventBridge and DescribeEvents give them.

Ids, categories and messages: "Amazon RDS event categories and event messages" of the RDS user guide.
"""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ministack.services import rds as ministack_rds

from twin.aws.rds.records import Record, account_of, identifier_of, region_of

PutAwsEvent = Callable[[str, dict[str, Any]], None]


class RdsEvent(Enum):
    """An event: its id, category and message."""

    CREATED = ("RDS-EVENT-0005", "creation", "DB instance created.")
    DELETED = ("RDS-EVENT-0003", "deletion", "DB instance deleted.")
    SHUT_DOWN = ("RDS-EVENT-0004", "availability", "DB instance shutdown.")
    RESTARTED = ("RDS-EVENT-0006", "availability", "DB instance restarted.")
    FAILED = ("RDS-EVENT-0031", "failure", "DB instance put into failed state.")
    STORAGE_FULL = ("RDS-EVENT-0007", "low storage", "The free storage capacity for DB instance is exhausted.")
    STOPPED = ("RDS-EVENT-0087", "notification", "DB instance stopped.")
    STARTED = ("RDS-EVENT-0088", "notification", "DB instance started.")
    BACKING_UP = ("RDS-EVENT-0001", "backup", "Backing up DB instance.")
    BACKED_UP = ("RDS-EVENT-0002", "backup", "Finished DB instance backup.")
    REPLICATION_TERMINATED = ("RDS-EVENT-0057", "read replica", "Replication streaming has been terminated.")

    @property
    def event_id(self) -> str:
        """RDS's id of the event."""
        return self.value[0]

    @property
    def category(self) -> str:
        """RDS's category of the event."""
        return self.value[1]

    @property
    def message(self) -> str:
        """What RDS says."""
        return self.value[2]


class Events:
    """Tells EventBridge of a record's own region, and DescribeEvents, what happened to an instance."""

    def __init__(self, put_aws_event: PutAwsEvent) -> None:
        self._put_aws_event = put_aws_event

    def tell(self, event: RdsEvent, record: Record) -> None:
        """Record an event and deliver it."""
        arn = str(record["DBInstanceArn"])
        at = datetime.now(UTC)
        ministack_rds._events.set_scoped(
            account_of(record),
            region_of(record),
            str(uuid.uuid4()),
            {
                "SourceIdentifier": identifier_of(record),
                "SourceType": "db-instance",
                "SourceArn": arn,
                "Message": event.message,
                "Date": time.time(),
                "EventCategories": [event.category],
            },
        )
        self._put_aws_event(
            region_of(record),
            {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "RDS DB Instance Event",
                "source": "aws.rds",
                "account": account_of(record),
                "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "region": region_of(record),
                "resources": [arn],
                "detail": {
                    "EventCategories": [event.category],
                    "SourceType": "DB_INSTANCE",
                    "SourceArn": arn,
                    "Date": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                    "Message": event.message,
                    "SourceIdentifier": identifier_of(record),
                    "EventID": event.event_id,
                },
            },
        )
