"""PostgreSQL on hosts of one's own: promoted in SQL by its agent, rewound by a command on its host.

The command is sent by Systems Manager, and at a site by the agent, which stands on the host itself.
"""

import shlex
from typing import Any, Final

from failover.adapters.aws.agent import AwsAgent
from failover.adapters.aws.clients import client, code_of
from failover.adapters.system import SystemClock
from failover.errors import DatabaseUnreachableError, FatalError, PromotionNotDoneError, ReplicaNotReadyError
from failover.ports import Clock, DatabaseAgent, ReplicaState
from failover.records import LossAllowed
from failover.topology import Names, Topology

COMMAND: Final = "lifeboat-postgres"
"""What every host has on its path; docs/engines.md says what it must do."""

PORT: Final = 5432
UNDER_WAY: Final = ("Pending", "InProgress", "Delayed")
BUSY: Final = 75
"""The command's exit code while another one of it is at work (EX_TEMPFAIL of sysexits.h)."""

WAITS_SECONDS: Final = 40.0
POLL_SECONDS: Final = 1.0


class SelfManagedReplicas:
    """``ports.ReplicaService`` for servers that no service looks after, always in the copy's own region."""

    def __init__(
        self, topology: Topology, agent: DatabaseAgent | None = None, clock: Clock | None = None, here: str = ""
    ) -> None:
        self._topology, self._names = topology, Names(topology)
        self._sites = AwsAgent(topology, here=here)
        self._agent: DatabaseAgent = agent or self._sites
        self._clock: Clock = clock or SystemClock()

    def describe(self, database: str, region: str) -> ReplicaState:
        """Say what the server says of itself: nobody else knows."""
        state = self._agent.describe(database, region)
        return ReplicaState("available", "its primary_conninfo" if state.in_recovery else None)

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:  # noqa: ARG002 - pg_promote knows one
        try:
            self._agent.promote(database, region)
        except DatabaseUnreachableError as exc:
            raise PromotionNotDoneError(f"{database} in {region}: {exc}") from exc

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        """Run the command on the host, unless the server follows that epoch's writer already.

        Raises:
            ReplicaNotReadyError: it is under way, or nobody answers; call again.
            FatalError: the command failed; the message has the end of what it said.
        """
        if self._follows(database, region, epoch):
            return
        if self._topology.site(region) is not None:
            self._at_site(database, region, writer)
            return
        host, ssm = self._names.database_host(database, region), client("ssm", region)
        asked = [COMMAND, "rejoin", database, self._names.database_address(database, writer), str(PORT)]
        try:
            sent = ssm.send_command(
                DocumentName="AWS-RunShellScript",
                Targets=[{"Key": "tag:Name", "Values": [host]}],
                Parameters={"commands": [shlex.join(asked)], "executionTimeout": ["3600"]},
                TimeoutSeconds=60,
                Comment=f"{database} follows epoch {epoch} of {writer}",
            )
            self._await(ssm, sent["Command"]["CommandId"], host)
        except (ReplicaNotReadyError, FatalError):
            raise
        except Exception as exc:
            raise ReplicaNotReadyError(f"{host} in {region} cannot be told to rejoin: {code_of(exc)}") from exc

    def _at_site(self, database: str, region: str, writer: str) -> None:
        try:
            self._sites.rejoin(database, region, writer)
        except DatabaseUnreachableError as exc:
            raise ReplicaNotReadyError(f"{database} at {region} does not answer while it rejoins: {exc}") from exc

    def _follows(self, database: str, region: str, epoch: int) -> bool:
        try:
            state = self._agent.describe(database, region)
        except DatabaseUnreachableError:
            return False  # it may be stopped, in the midst of an earlier try
        return state.in_recovery and (state.gate_epoch, state.gate_fenced) == (epoch, False)

    def _await(self, ssm: Any, command: str, host: str) -> None:
        until = self._clock.elapsed() + WAITS_SECONDS
        while self._clock.elapsed() < until:
            self._clock.sleep(POLL_SECONDS)
            found = ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"]
            if not found or found[0]["Status"] in UNDER_WAY:
                continue
            plugin = (found[0].get("CommandPlugins") or [{}])[0]
            if found[0]["Status"] == "Success":
                return
            if plugin.get("ResponseCode") == BUSY:
                raise ReplicaNotReadyError(f"{host}: an earlier {COMMAND} is still at work")
            raise FatalError(f"{host}: {COMMAND} rejoin ended {found[0]['Status']}: {plugin.get('Output', '')[-500:]}")
        raise ReplicaNotReadyError(f"{host}: {COMMAND} rejoin has not ended within {WAITS_SECONDS:g} s; looking again")
