"""The database agents, reached through the Lambda API of the region that holds the copy."""

import json
from collections.abc import Mapping
from typing import Any

from failover import errors
from failover.adapters.aws.clients import client, code_of
from failover.errors import DatabaseUnreachableError, LifeboatError
from failover.plain import from_plain
from failover.ports import CopyState
from failover.topology import Names, Topology


class AwsAgent:
    """``ports.DatabaseAgent``; Step Functions has no cross-region integration, so a step calls another region's."""

    def __init__(self, topology: Topology, read_seconds: float = 3.0) -> None:
        self._function = Names(topology).function("database_agent")
        self._read_seconds = read_seconds

    def install(self, database: str, region: str) -> CopyState:
        return self._ask(region, {"do": "install", "database": database})

    def describe(self, database: str, region: str) -> CopyState:
        return self._ask(region, {"do": "describe", "database": database})

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        return self._ask(region, {"do": "fence", "database": database, "epoch": epoch})

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        request = {"do": "admit", "database": database, "epoch": epoch, "valid_until": valid_until}
        return self._ask(region, request)

    def _ask(self, region: str, request: Mapping[str, Any]) -> CopyState:
        whom = f"the agent of {request['database']} in {region}"
        try:
            answer = client("lambda", region, self._read_seconds).invoke(
                FunctionName=self._function, Payload=json.dumps(request)
            )
            document = json.loads(answer["Payload"].read())
        except Exception as exc:
            raise DatabaseUnreachableError(f"{whom} cannot be reached: {code_of(exc)}") from exc
        if "FunctionError" in answer:
            raise _told(document, whom)
        return from_plain(CopyState, document)


def _told(document: Mapping[str, Any], whom: str) -> LifeboatError:
    """The agent's own errors keep their class across the call; any other means that it could not do its work."""
    name, message = str(document.get("errorType", "")), str(document.get("errorMessage", ""))
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, LifeboatError):
        return kind(f"{whom}: {message}")
    return DatabaseUnreachableError(f"{whom} failed: {name}: {message}")
