"""ModifyDBInstance with NewDBInstanceIdentifier: the instance, its server and its address get another name.

"When you change the DB instance identifier, an instance reboot occurs immediately if you enable Apply Immediately"
(Amazon RDS API reference, ModifyDBInstance). The status is ``renaming`` meanwhile, replicas go on following it, and
the old name and its endpoint are free afterwards (Amazon RDS user guide, "Renaming a DB instance").
"""

import logging
import threading

from ministack.core.responses import get_region
from ministack.services import rds as ministack_rds

from twin.aws.rds import records
from twin.aws.rds.api import Action, ApiError, Parameters, Response, Unanswered, answering, text
from twin.aws.rds.durations import Durations
from twin.aws.rds.movable import MovableInstances
from twin.aws.rds.records import Record
from twin.postgres import PostgresError

logger = logging.getLogger(__name__)


class Renaming:
    """Joins MiniStack's ModifyDBInstance, which knows no new identifier."""

    def __init__(self, instances: MovableInstances, durations: Durations, closing: threading.Event) -> None:
        self._instances, self._durations, self._closing = instances, durations, closing
        self._modify = ministack_rds._ACTION_MAP["ModifyDBInstance"]

    def actions(self) -> dict[str, Action]:
        """The action that replaces MiniStack's."""
        return {"ModifyDBInstance": answering(self.modify)}

    def modify(self, p: Parameters) -> Response | Unanswered:
        """Rename where that is asked for; anything else is MiniStack's."""
        wanted, identifier = text(p, "NewDBInstanceIdentifier"), text(p, "DBInstanceIdentifier")
        record = records.find(get_region(), identifier)
        if not wanted or record is None:
            answer: Response = self._modify(p)
            return answer
        if text(p, "ApplyImmediately") != "true":
            raise ApiError("InvalidParameterCombination", "A new identifier is emulated with ApplyImmediately only.")
        if records.find(get_region(), wanted) is not None:
            raise ApiError("DBInstanceAlreadyExists", f"DB instance {wanted} already exists")
        status = record["DBInstanceStatus"]
        if status != "available":
            raise ApiError("InvalidDBInstanceState", f"DB instance {identifier} is in status {status}.")
        record["DBInstanceStatus"] = "renaming"
        threading.Thread(target=self._carry_out, args=(record, wanted), name="rds-renaming", daemon=True).start()
        response: Response = ministack_rds._single_instance_response(
            "ModifyDBInstanceResponse", "ModifyDBInstanceResult", record
        )
        return response

    def _carry_out(self, record: Record, wanted: str) -> None:
        self._closing.wait(self._durations.renaming_seconds)
        replicas = records.replicas_of(record)
        source = records.source_of(record)
        try:
            self._instances.rename(record, wanted)
        except (PostgresError, KeyError, OSError) as exc:
            record["DBInstanceStatus"] = "failed"
            logger.error("renaming %s to %s: %s", records.identifier_of(record), wanted, exc)
            return
        for each in replicas:
            records.unlink(each)
        if source is not None:
            records.unlink(record)
        _write(record, wanted)
        if source is not None:
            records.link(source, record)
        for each in replicas:
            records.link(record, each)
            self._instances.follow_again(each)
        record["DBInstanceStatus"] = "available"


def _write(record: Record, wanted: str) -> None:
    region, account, old = records.region_of(record), records.account_of(record), records.identifier_of(record)
    record["DBInstanceIdentifier"] = wanted
    record["DBInstanceArn"] = f"arn:aws:rds:{region}:{account}:db:{wanted}"
    record["Endpoint"] = records.endpoint_of(region, wanted)
    ministack_rds._tags[record["DBInstanceArn"]] = record.get("TagList", [])
    ministack_rds._instances.pop_scoped(account, region, old, None)
    ministack_rds._instances.set_scoped(account, region, wanted, record)
