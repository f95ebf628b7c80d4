"""The state machines of a control region, on Step Functions."""

import json
from collections.abc import Mapping
from typing import Any

from failover.adapters.aws.clients import client, code_of
from failover.errors import TransientError
from failover.topology import Names, Topology


class MachineNotStartedError(TransientError):
    """Step Functions did not take the execution."""


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
