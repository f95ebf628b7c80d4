"""What an operator does in a play, with the code of the command and through the APIs that people have."""

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from failover.adapters.aws.clients import client
from failover.adapters.world import operators_world
from failover.errors import LifeboatError
from failover.procedures import operating
from failover.procedures.deploy_guard.words import begin_deploying, end_deploying
from rehearsal.facts import Execution, ExecutionState
from rehearsal.form import Operation
from rehearsal.form import operations as form
from rehearsal.form.entries import EVERYWHERE
from rehearsal.stage import StageError
from twin.executions import Executions

if TYPE_CHECKING:
    from twin.twin import Twin

BY: Final = "operator"
RUNNING: Final = (ExecutionState.RUNNING, ExecutionState.WAITING)


class Operations:
    """The operations of one play."""

    def __init__(self, twin: "Twin", executions: Executions) -> None:
        self._twin = twin
        self._topology = twin.topology
        self._executions = executions
        self._ports = operators_world(twin.topology)

    def do(self, operation: Operation) -> None:
        """Do one.

        Raises:
            StageError: it was refused; the message is the refusal.
        """
        try:
            self._do(operation)
        except (LifeboatError, BotoCoreError, ClientError) as exc:
            raise StageError(f"{operation.line()} was refused: {exc}") from exc

    def _do(self, operation: Operation) -> None:
        ports, topology = self._ports, self._topology
        match operation:
            case form.Consent(database=name, by=by, reason=reason, refuses=refuses):
                operating.consent(ports, topology, name, by, reason, refuses=refuses)
            case form.Approval(reason=reason, refuses=refuses):
                operating.approve(ports, topology, BY, reason, refuses=refuses)
            case form.Pause(reason=reason, lasting=seconds):
                operating.pause(ports, BY, reason, timedelta(seconds=seconds))
            case form.Resume():
                operating.resume(ports, BY)
            case form.Abort(reason=reason):
                operating.abort(ports, BY, reason)
            case form.Skip(step=step, reason=reason):
                operating.skip(ports, step, BY, reason)
            case form.Acknowledge(region=region, reason=reason, lasting=seconds):
                operating.acknowledge(ports, topology, region, BY, reason, lasts=timedelta(seconds=seconds))
            case form.Veto(reason=reason):
                operating.veto(ports, topology, BY, reason)
            case form.Deploying(region=region, ended=False):
                begin_deploying(ports, region, BY, "what the scenario says")
            case form.Deploying(region=region):
                end_deploying(ports, region, BY, "done")
            case _:
                self._through_aws(operation)

    def _through_aws(self, operation: Operation) -> None:
        match operation:
            case form.HandPromotion(database=database, region=region):
                name = self._twin.names.db_instance(database, region)
                client("rds", region).promote_read_replica(DBInstanceIdentifier=name)
            case form.StartExecution():
                self._start(operation)
            case form.StopExecution():
                running = [each for each in self._meant(operation) if each.state in RUNNING]
                for each in self._some(operation, running, "runs"):
                    arn = self._executions.arn_of(each)
                    client("stepfunctions", each.region).stop_execution(executionArn=arn, error="Operator")
            case form.Redrive():
                failed = [each for each in self._meant(operation) if each.state is ExecutionState.FAILED]
                newest = self._some(operation, failed, "has failed")[-1]
                arn = self._executions.arn_of(newest)
                client("stepfunctions", newest.region).redrive_execution(executionArn=arn)
            case _:
                raise StageError(f"the twin cannot play the operation {operation.kind.value}")

    def _start(self, operation: form.StartExecution) -> None:
        told: dict[str, Any] = {"reason": operation.reason}
        if operation.subject is not None:
            told["subject"] = operation.subject
        client("stepfunctions", operation.region).start_execution(
            stateMachineArn=self._twin.names.machine_arn(operation.machine, operation.region),
            name=f"by-hand-{int(time.time() * 1000)}",
            input=json.dumps(told | operation.input),
        )

    def _meant(self, operation: form.StopExecution | form.Redrive) -> list[Execution]:
        self._executions.refresh()
        return [
            each
            for each in self._executions.all()
            if each.machine == operation.machine and operation.region in (each.region, EVERYWHERE)
        ]

    @staticmethod
    def _some(operation: Operation, found: list[Execution], what: str) -> list[Execution]:
        if not found:
            raise StageError(f"{operation.line()} was refused: no such execution {what}")
        return found
