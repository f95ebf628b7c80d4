"""The state machines of a control region, on Step Functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from failover.adapters.aws.clients import client, code_of
from failover.errors import TransientError
from failover.topology import Names, Topology


class MachineNotStartedError(TransientError):
    """Step Functions did not take the execution."""


class ExecutionUnseenError(TransientError):
    """Step Functions did not say how an execution stands."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution ended: with its output, or with an error's name and its cause."""

    output: dict[str, Any]
    error: str | None = None
    cause: str = ""


class AwsMachines:
    """``ports.Machines``; an execution's name makes starting it twice the same as once."""

    def __init__(self, topology: Topology, region: str) -> None:
        self._names, self._region = Names(topology), region

    def start(self, machine: str, name: str, document: Mapping[str, Any]) -> str:
        arn = self._names.machine_arn(machine, self._region)
        try:
            answer = client("stepfunctions", self._region).start_execution(
                stateMachineArn=arn, name=name, input=json.dumps(document)
            )
        except Exception as exc:
            if code_of(exc) == "ExecutionAlreadyExists":
                return f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
            raise MachineNotStartedError(f"{arn} did not start {name}: {code_of(exc)}") from exc
        execution: str = answer["executionArn"]
        return execution

    def ended(self, execution: str) -> Ended | None:
        """Return how an execution ended, or ``None`` while it runs; raises ``ExecutionUnseenError``."""
        try:
            told = client("stepfunctions", self._region).describe_execution(executionArn=execution)
        except Exception as exc:
            raise ExecutionUnseenError(f"{execution} was not seen: {code_of(exc)}") from exc
        if told["status"] == "RUNNING":
            return None
        if told["status"] == "SUCCEEDED":
            return Ended(json.loads(told["output"]))
        return Ended({}, str(told.get("error", told["status"])), str(told.get("cause", "")))
