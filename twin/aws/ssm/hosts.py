"""Hosts that Run Command reaches by their tag ``Name``, and the one command that they know.

MiniStack keeps commands and invocations and would run their scripts in containers. Here a host is a real PostgreSQL
server of the twin, and ``lifeboat-postgres rejoin DATABASE HOST PORT`` is carried out on it with PostgreSQL's own
``pg_rewind``, or with a new base backup where that cannot. Any other command fails, as one that is not found does.
"""

import json
import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from ministack.core.responses import json_response
from ministack.services import ec2, ssm

from twin.aws.patches import Patches
from twin.postgres import PostgresError, Server, Servers
from twin.postgres.following import follow

NOT_FOUND, BUSY, FAILED = 127, 75, 1
Told = tuple[int, str, str]


@dataclass(slots=True)
class Host:
    """A host: its tag, its instance id, its server, and the lock under which one command works."""

    name: str
    instance_id: str
    server: Server
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hosts:
    """Every host of one twin, between ``install`` and ``close``; also a context.

    Args:
        servers: where the servers come from.
        find: (host name, port) → the server that listens there, as a host's own resolver would find it.
    """

    def __init__(self, servers: Servers, find: Callable[[str, int], Server | None]) -> None:
        self._servers, self._find = servers, find
        self._hosts: dict[str, Host] = {}
        self._patches = Patches()
        self.ran: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, name: str, server: Server) -> Host:
        """Let a server have a host of that name."""
        host = Host(name, f"i-{len(self._hosts):017x}", server)
        self._hosts[host.instance_id] = host
        return host

    def install(self) -> None:
        """Register with MiniStack, in this process."""
        by_id, handle = ssm._command_target_ids, ssm.handle_request
        self._patches.replace(ssm, "_command_target_ids", lambda data: [*by_id(data), *self._tagged(data)])
        self._patches.replace(ssm, "_managed_instance_ids", lambda: set(self._hosts))
        self._patches.replace(ec2, "exec_in_instance_blocking", self._run)

        async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            if headers.get("x-amz-target", "").endswith(".ListCommandInvocations"):
                return _invocations(json.loads(body))
            return await handle(method, path, headers, body, query)

        self._patches.replace(ssm, "handle_request", handle_request)

    def close(self) -> None:
        """Let go of MiniStack; safe to repeat."""
        self._patches.undo()

    def _tagged(self, data: dict[str, Any]) -> list[str]:
        wanted = {
            value
            for target in data.get("Targets") or []
            if target.get("Key") == "tag:Name"
            for value in target.get("Values") or []
        }
        return [host.instance_id for host in self._hosts.values() if host.name in wanted]

    def _run(self, instance_id: str, argv: list[str]) -> Told:
        host, script = self._hosts[instance_id], argv[-1]
        self.ran.append((host.name, script))
        match shlex.split(script):
            case ["lifeboat-postgres", "rejoin", _database, address, port]:
                return self._rejoin(host, address, int(port))
        return NOT_FOUND, "", f"sh: 1: {script.split(' ', maxsplit=1)[0]}: not found"

    def _rejoin(self, host: Host, address: str, port: int) -> Told:
        if not host.lock.acquire(blocking=False):
            return BUSY, "", "another one is at work"
        try:
            source = self._find(address, port)
            if source is None:
                return FAILED, "", f"{address}:{port} does not resolve"
            return 0, follow(self._servers, host.server, source), ""
        except PostgresError as exc:
            return FAILED, "", str(exc)
        finally:
            host.lock.release()


def _invocations(data: dict[str, Any]) -> Any:
    """ListCommandInvocations, which MiniStack lacks; its ``Details`` are always given."""
    record = ssm._commands.get(data.get("CommandId", "")) or {}
    found = [
        {
            **{name: each[name] for name in ("CommandId", "InstanceId", "Comment", "DocumentName", "Status")},
            "CommandPlugins": [
                {
                    "Name": "aws:runShellScript",
                    "Status": each["Status"],
                    "ResponseCode": each["ResponseCode"],
                    "Output": each["StandardOutputContent"] + each["StandardErrorContent"],
                }
            ],
        }
        for each in (record.get("Invocations") or {}).values()
    ]
    return json_response({"CommandInvocations": found})
