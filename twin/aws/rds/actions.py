"""The API actions on DB instances: MiniStack's own, extended so that they act on the servers."""

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import rds as ministack_rds

from twin.aws.rds import records, replicas
from twin.aws.rds.api import Action, ApiError, Parameters, Response, Unanswered, answering, text
from twin.aws.rds.faults import PromotionFaults, Refusal, Silence
from twin.aws.rds.instances import Instances
from twin.aws.rds.lifecycle import Lifecycle
from twin.aws.rds.promotion import Backups, InvalidStateError, Promotions
from twin.aws.rds.records import Record

RESERVED_TAGS = ("aws:", "rds:")


class Actions:
    """Handlers by action name, in the form of MiniStack's table."""

    def __init__(
        self, instances: Instances, promotions: Promotions, lifecycle: Lifecycle, faults: PromotionFaults
    ) -> None:
        self._instances = instances
        self._promotions = promotions
        self._lifecycle = lifecycle
        self._faults = faults
        self._create = ministack_rds._ACTION_MAP["CreateDBInstance"]
        self._delete = ministack_rds._ACTION_MAP["DeleteDBInstance"]

    def table(self) -> dict[str, Action]:
        """The actions that replace or join MiniStack's."""
        actions: dict[str, Action] = {
            "CreateDBInstance": self.create,
            "CreateDBInstanceReadReplica": self.create_replica,
            "DeleteDBInstance": self.delete,
            "PromoteReadReplica": self.promote,
            "RebootDBInstance": self.reboot,
            "RestoreDBInstanceFromDBSnapshot": self.restore,
            "StartDBInstance": self.start,
            "StopDBInstance": self.stop,
        }
        return {name: answering(action) for name, action in actions.items()}

    def create(self, p: Parameters) -> Response:
        """CreateDBInstance: an empty database on a server of its own, or an instance of a cluster, on its server."""
        if text(p, "DBClusterIdentifier"):
            return self._create_member(p)
        refuse_unemulated({name: text(p, name) for name in p})
        _refuse_reserved_tags(p)
        answer: Response = self._create(p)
        record = records.find(get_region(), text(p, "DBInstanceIdentifier"))
        if answer[0] >= 400 or record is None:
            return answer
        record["Endpoint"] = records.endpoint_of(get_region(), records.identifier_of(record))
        self._lifecycle.create(record)
        return _instance("CreateDBInstance", record)

    def _create_member(self, p: Parameters) -> Response:
        answer: Response = self._create(p)
        record = records.find(get_region(), text(p, "DBInstanceIdentifier"))
        if answer[0] >= 400 or record is None:
            return answer
        record["Endpoint"] = records.endpoint_of(get_region(), records.identifier_of(record))
        return _instance("CreateDBInstance", record)

    def create_replica(self, p: Parameters) -> Response:
        """CreateDBInstanceReadReplica: a streaming replica of an instance here or in another region."""
        identifier, reference = text(p, "DBInstanceIdentifier"), text(p, "SourceDBInstanceIdentifier")
        source = records.resolve(reference, get_region())
        if source is None:
            raise _not_found(reference)
        if records.find(get_region(), identifier) is not None:
            raise ApiError("DBInstanceAlreadyExists", f"DB instance {identifier} already exists")
        if problem := replicas.problem(source):
            raise ApiError("InvalidDBInstanceState", problem)
        _refuse_reserved_tags(p)
        chosen = {
            "DBInstanceClass": text(p, "DBInstanceClass") or source["DBInstanceClass"],
            "DBSubnetGroup": ministack_rds._subnet_groups.get(text(p, "DBSubnetGroupName"), {}),
            "DeletionProtection": text(p, "DeletionProtection") == "true",
            "KmsKeyId": text(p, "KmsKeyId") or source.get("KmsKeyId", ""),
            "MultiAZ": text(p, "MultiAZ") == "true",
            "TagList": ministack_rds._parse_tags(p),
            "VpcSecurityGroups": [
                {"VpcSecurityGroupId": group, "Status": "active"}
                for group in ministack_rds._parse_member_list(p, "VpcSecurityGroupIds")
            ],
        }
        record = replicas.replica_record(source, identifier, get_region(), chosen)
        ministack_rds._instances.set_scoped(get_account_id(), get_region(), identifier, record)
        ministack_rds._tags[record["DBInstanceArn"]] = chosen["TagList"]
        records.link(source, record)
        self._lifecycle.create(record)
        return _instance("CreateDBInstanceReadReplica", record)

    def delete(self, p: Parameters) -> Response:
        """DeleteDBInstance: the server and its data are gone."""
        record = self._record(p)
        snapshot = text(p, "SkipFinalSnapshot") == "true" or text(p, "FinalDBSnapshotIdentifier")
        if not snapshot and not records.is_replica(record):
            raise ApiError(
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            )
        answer: Response = self._delete(p)
        if answer[0] < 400:
            self._instances.remove(record)
            records.unlink(record)
        return answer

    def promote(self, p: Parameters) -> Response | Unanswered:
        """PromoteReadReplica: accepted or refused at once, done later."""
        record = self._record(p)
        identifier = records.identifier_of(record)
        backups = Backups(int(text(p, "BackupRetentionPeriod") or 1), text(p, "PreferredBackupWindow"))
        fault = self._faults.take(get_region(), identifier)
        if isinstance(fault, Refusal):
            self._promotions.write_down(record, accepted=False, answer=fault.code)
            raise ApiError(fault.code, f"DB instance {identifier} cannot be promoted now.")
        if isinstance(fault, Silence) and fault.delay_seconds > 0:
            self._promotions.write_down(record, accepted=True, answer="none")
            self._promotions.accept_later(record, backups, fault.delay_seconds)
            return Unanswered()
        try:
            self._promotions.accept(record, backups)
        except InvalidStateError as exc:
            self._promotions.write_down(record, accepted=False, answer="InvalidDBInstanceState")
            raise ApiError("InvalidDBInstanceState", str(exc)) from exc
        self._promotions.write_down(record, accepted=True, answer="none" if isinstance(fault, Silence) else "")
        return Unanswered() if isinstance(fault, Silence) else _instance("PromoteReadReplica", record)

    def reboot(self, p: Parameters) -> Response:
        """RebootDBInstance: the server restarts."""
        record = self._record(p, expected="available")
        self._lifecycle.reboot(record)
        return _instance("RebootDBInstance", record)

    def stop(self, p: Parameters) -> Response:
        """StopDBInstance: refused for a replica and for the source of one, as RDS does."""
        record = self._record(p, expected="available")
        if records.is_replica(record) or records.replicas_of(record):
            raise ApiError(
                "InvalidDBInstanceState",
                f"DB instance {records.identifier_of(record)} is, or has, a read replica; it cannot be stopped.",
            )
        self._lifecycle.stop(record)
        return _instance("StopDBInstance", record)

    def start(self, p: Parameters) -> Response:
        """StartDBInstance: the server starts as it is on disk."""
        record = self._record(p, expected="stopped")
        self._lifecycle.start(record)
        return _instance("StartDBInstance", record)

    def restore(self, p: Parameters) -> Response:
        """RestoreDBInstanceFromDBSnapshot: refused, since a record without a server would be a lie."""
        raise ApiError(
            "InvalidParameterCombination",
            f"{text(p, 'DBInstanceIdentifier')}: restoring from a snapshot is not emulated.",
        )

    def _record(self, p: Parameters, *, expected: str | None = None) -> Record:
        identifier = text(p, "DBInstanceIdentifier")
        record = records.resolve(identifier, get_region())
        if record is None or records.region_of(record) != get_region():
            raise _not_found(identifier)
        if expected is not None and record["DBInstanceStatus"] != expected:
            raise ApiError(
                "InvalidDBInstanceState",
                f"DB instance {identifier} is in status {record['DBInstanceStatus']}; "
                f"the request needs it to be {expected}.",
            )
        return record


def refuse_unemulated(properties: dict[str, Any]) -> None:
    """Refuse an instance that would be a record without a server.

    Raises:
        ApiError: another engine, or no master password of the caller's own.
    """
    engine = properties.get("Engine") or "postgres"
    if engine != "postgres" or properties.get("DBClusterIdentifier"):
        raise ApiError(
            "InvalidParameterValue",
            f"Engine {engine!r}: only DB instances (no clusters) with the engine postgres are emulated.",
        )
    if not properties.get("MasterUsername") or not properties.get("MasterUserPassword"):
        raise ApiError(
            "InvalidParameterValue",
            "MasterUsername and MasterUserPassword are needed; ManageMasterUserPassword is not emulated.",
        )


def _refuse_reserved_tags(p: Parameters) -> None:
    """CloudFormation may set such tags, and does; a caller of the API may not (RDS API: ``Tag``)."""
    for key in (str(tag["Key"]) for tag in ministack_rds._parse_tags(p)):
        if key.lower().startswith(RESERVED_TAGS):
            raise ApiError("InvalidParameterValue", f"Tag key {key!r}: the prefixes aws: and rds: are reserved.")


def _not_found(identifier: str) -> ApiError:
    return ApiError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)


def _instance(action: str, record: Record) -> Response:
    response: Response = ministack_rds._single_instance_response(f"{action}Response", f"{action}Result", record)
    return response
