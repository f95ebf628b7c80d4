"""The database agents, reached through the Lambda API of the region that holds the copy, or at its site."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from failover import errors
from failover.adapters.aws.clients import client, code_of
from failover.errors import DatabaseUnreachableError, LifeboatError
from failover.plain import as_plain, from_plain
from failover.ports import CopyState
from failover.sharing import End, Sharing, SharingState, SharingStep
from failover.tails import Archive, TailRequest
from failover.topology import Names, Topology

if TYPE_CHECKING:
    from failover.adapters.sites.asking import SiteAgents

MOST_AT_ONCE = 16

PATIENT_SECONDS = 40.0
"""For what takes the agent longer than a look; the agent itself ends after 30 s."""


class AwsAgent:
    """``ports.DatabaseAgent``; Step Functions has no cross-region integration, so a step calls another region's.

    ``here`` is where the caller has the certificate that sites know it by.
    """

    def __init__(self, topology: Topology, read_seconds: float = 3.0, here: str = "") -> None:
        self._topology, self._here = topology, here or topology.control_regions[0]
        self._function = Names(topology).function("database_agent")
        self._read_seconds = read_seconds

    def install(self, database: str, region: str) -> CopyState:
        return self._ask(region, {"do": "install", "database": database})

    def describe(self, database: str, region: str) -> CopyState:
        return self._ask(region, {"do": "describe", "database": database})

    def describe_all(self, copies: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], CopyState | LifeboatError]:
        if not copies:
            return {}
        for region in {region for _, region in copies if self._topology.site(region) is None}:
            client("lambda", region, self._read_seconds)  # making clients is not safe in threads; using them is
        if any(self._topology.site(region) for _, region in copies):
            self._sites().prepare()
        with ThreadPoolExecutor(min(len(copies), MOST_AT_ONCE)) as threads:
            return dict(zip(copies, threads.map(self._told, copies), strict=True))

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        return self._ask(region, {"do": "fence", "database": database, "epoch": epoch})

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        request = {"do": "admit", "database": database, "epoch": epoch, "valid_until": valid_until}
        return self._ask(region, request)

    def promote(self, database: str, region: str) -> CopyState:
        return self._ask(region, {"do": "promote", "database": database}, PATIENT_SECONDS)

    def archive(self, database: str, region: str, request: TailRequest) -> Archive:
        asked = {"do": "archive", "database": database, "tail": as_plain(request)}
        return from_plain(Archive, self._document(region, asked, PATIENT_SECONDS))

    def share(self, end: End, step: SharingStep, sharing: Sharing) -> SharingState:
        asked = {"do": "share", "database": end.database, "step": step.value, "sharing": as_plain(sharing)}
        return from_plain(SharingState, self._document(end.region, asked, PATIENT_SECONDS))

    def rejoin(self, database: str, region: str, writer: str) -> CopyState:
        """Have a site's server follow a writer; the functions of AWS's regions are beside no host and refuse it."""
        return self._ask(region, {"do": "rejoin", "database": database, "writer": writer}, PATIENT_SECONDS)

    def give_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        return self._login("give_login", database, region, user, password)

    def try_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        return self._login("try_login", database, region, user, password)

    def _login(self, verb: str, database: str, region: str, user: str, password: str) -> CopyState:
        request = {"do": verb, "database": database, "user": user, "password": password}
        return self._ask(region, request, PATIENT_SECONDS)

    def _told(self, copy: tuple[str, str]) -> CopyState | LifeboatError:
        try:
            return self.describe(*copy)
        except LifeboatError as exc:
            return exc

    def _ask(self, region: str, request: Mapping[str, Any], read_seconds: float | None = None) -> CopyState:
        return from_plain(CopyState, self._document(region, request, read_seconds or self._read_seconds))

    def _document(self, region: str, request: Mapping[str, Any], read_seconds: float) -> Any:
        whom = f"the agent of {request['database']} in {region}"
        document, failed = (
            self._invoked(region, request, read_seconds, whom)
            if self._topology.site(region) is None
            else self._sites().ask(region, request, read_seconds)
        )
        if failed:
            raise _failure(document, whom)
        return document

    def _invoked(self, region: str, request: Mapping[str, Any], read_seconds: float, whom: str) -> tuple[Any, bool]:
        try:
            answer = client("lambda", region, read_seconds).invoke(
                FunctionName=self._function, Payload=json.dumps(request)
            )
            return json.loads(answer["Payload"].read()), "FunctionError" in answer
        except Exception as exc:
            raise DatabaseUnreachableError(f"{whom} cannot be reached: {code_of(exc)}") from exc

    def _sites(self) -> "SiteAgents":
        from failover.adapters.sites.asking import SiteAgents  # what no region of AWS needs costs its steps nothing

        return SiteAgents(self._topology, self._here)


def _failure(document: Mapping[str, Any], whom: str) -> LifeboatError:
    """The agent's own errors keep their class across the call; any other means that it could not do its work."""
    name, message = str(document.get("errorType", "")), str(document.get("errorMessage", ""))
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, LifeboatError):
        return kind(f"{whom}: {message}")
    return DatabaseUnreachableError(f"{whom} failed: {name}: {message}")
