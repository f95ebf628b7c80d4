"""The ports of a twin: well-known ones need privileges, so the twin has its own and maps them.

Two twins may run on one machine. They share the addresses, so each claims its ports for its whole life on
an address where nothing else of a twin listens; else the second would take what the first has not opened yet.
"""

import errno
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Final, Self

from twin.errors import TwinError

CLAIMS: Final = "127.0.251.1"
STRIDE: Final = 100
TRIES: Final = 20
POSTGRES: Final = 5432
SERVERS_OF_A_HOST: Final = 8
"""A site's databases are servers of one host, at PostgreSQL's port and those after it."""

AGENT: Final = 8443
"""Where the agent of a site listens, unless its document says otherwise."""


class PortsTakenError(TwinError):
    """No port is free for one of the twin's services."""


class LoopbackError(TwinError):
    """An address of the twin is not an address of this machine."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of each service on this machine."""

    api: int = 4566
    https: int = 8443
    postgres: int = 15432
    dns: int = 10053
    agent: int = 9443

    def mapping(self) -> dict[int, int]:
        """The well-known port of a service, and the one it has on the twin."""
        servers = {POSTGRES + number: self.postgres + number for number in range(SERVERS_OF_A_HOST)}
        return {443: self.https, 53: self.dns, AGENT: self.agent, **servers}

    def mapped(self, port: int) -> int:
        """Return the port on the twin of a port in AWS."""
        return self.mapping().get(port, port)

    def environment(self) -> str:
        """Return the mapping as child processes get it: ``443:8443,53:10053,5432:15432`` and so on."""
        return ",".join(f"{public}:{own}" for public, own in self.mapping().items())


@dataclass(frozen=True, slots=True)
class Listener:
    """One address and port at which a service (a field of ``Ports``) may listen."""

    address: str
    port: int
    service: str


class PortClaim:
    """Ports that no other twin takes until this is closed."""

    def __init__(self, ports: Ports, claims: Iterable[socket.socket]) -> None:
        self.ports = ports
        self._claims = list(claims)

    def close(self) -> None:
        """Give the ports back."""
        while self._claims:
            self._claims.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def claim_ports(listeners: Callable[[Ports], Iterable[Listener]], wanted: Ports | None = None) -> PortClaim:
    """Claim a free port for each service, the wanted ones when they are free.

    ``listeners`` says where the twin listens with given ports: ``lambda p: plan.with_ports(p).listeners()``.

    Raises:
        PortsTakenError: twenty ports of a service are taken.
        LoopbackError: an address cannot be bound on this machine.
    """
    ports, claims = wanted or Ports(), list[socket.socket]()
    for service in (field.name for field in fields(Ports)):
        first = int(getattr(ports, service))
        tries = range(first, min(first + STRIDE * TRIES, 65536), STRIDE)
        for port in tries:
            ports = replace(ports, **{service: port})
            claim = _claimed(port)
            if claim is None:
                continue
            if not busy(listener for listener in listeners(ports) if listener.service == service):
                claims.append(claim)
                break
            claim.close()
        else:
            PortClaim(ports, claims).close()
            raise PortsTakenError(
                f"no free port for {service}: {tries[0]} to {tries[-1]} in steps of {STRIDE} are taken on "
                "addresses of the twin; stop what listens there (`ss -ltnup`), perhaps another twin"
            )
    return PortClaim(ports, claims)


def busy(listeners: Iterable[Listener]) -> tuple[Listener, ...]:
    """Return those that cannot be opened now; DNS is tried over UDP too."""
    taken = []
    for listener in listeners:
        kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM) if listener.service == "dns" else (socket.SOCK_STREAM,)
        if not all(_free(listener, kind) for kind in kinds):
            taken.append(listener)
    return tuple(taken)


def _free(listener: Listener, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as attempt:
        if kind is socket.SOCK_STREAM:
            # As every server does: connections that linger in TIME_WAIT do not make a port taken.
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((listener.address, listener.port))
        except OSError as exc:
            if exc.errno == errno.EADDRNOTAVAIL:
                raise LoopbackError(
                    f"{listener.address} is not an address of this machine; Linux has all of 127.0.0.0/8, "
                    f"elsewhere add it: sudo ifconfig lo0 alias {listener.address}"
                ) from exc
            return False
    return True


def _claimed(port: int) -> socket.socket | None:
    claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        claim.bind((CLAIMS, port))
        claim.listen(1)
    except OSError:
        claim.close()
        return None
    return claim
