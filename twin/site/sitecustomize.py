"""What makes a Python process live in a region of the twin; stdlib only, since every Lambda worker imports it.

With this folder on ``PYTHONPATH`` Python imports the module before anything else. When ``LIFEBOAT_TWIN_DNS``
is set, names are asked of the twin's DNS and of nothing else, well-known ports become the twin's,
connections come from the region's vantage address and obey the cuts of the network file, and nothing but
loopback can be reached. All that connects through Python's sockets obeys: urllib3 and botocore, http.client,
asyncio, pg8000. What connects in C (libpq) does not: it asks ``twin.dns.resolve`` where to go.

It does not hand over to another ``sitecustomize``: a process of the twin has no need of one. Imported as
``twin.site.sitecustomize`` it changes nothing; the twin's own code uses its functions so.
"""

from __future__ import annotations

import os
import socket
import sys

if __name__ == "sitecustomize":  # its folder is on the path, and the project is not
    import questions  # type: ignore[import-not-found]
else:
    from twin.site import questions

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing and dataclasses would double the time that this module takes
    from collections.abc import Mapping
    from typing import Any

QUERY_SECONDS = 2.0
QUERY_TRIES = 2
BIND_ADDRESS_NO_PORT = 24
"""Linux's IP_BIND_ADDRESS_NO_PORT: choose the port when connecting, so that a busy vantage has enough."""
CLOSED = ("127.0.252.1", 1)
"""Where nothing listens: a connection to it is refused at once."""


class NotReachedError(OSError):
    """The twin's DNS gave no answer, or none that can be read."""


class Network:
    """The network file, read again whenever it was replaced; no file means no cuts."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen = (0, 0)
        self._document: dict[str, Any] = {}

    def detour(self, source: str, target: str) -> tuple[str, int] | None:
        """Return where a connection must go instead because its path is cut, or ``None``.

        Dropped paths lead to the tarpit, which never answers; refused ones to where nothing listens.
        """
        document = self._read()
        addresses = document.get("addresses", {})
        here, there = addresses.get(source.rpartition(".")[0]), addresses.get(target.rpartition(".")[0])
        if here is None or there is None or here.partition("/")[0] == there.partition("/")[0]:
            return None
        for one in (here, here.partition("/")[0], "*"):
            for other in (there, there.partition("/")[0], "*"):
                pair = [one, other]
                if pair in document["cut"]:
                    if pair in document.get("refused", []) or "tarpit" not in document:
                        return CLOSED
                    return endpoint(document["tarpit"])
        return None

    def told(self, what: str, region: str) -> Any:
        """Return what the file says of a region, such as its ``skew``; ``None`` when it says nothing."""
        return self._read().get(what, {}).get(region)

    def _read(self) -> dict[str, Any]:
        try:
            status = os.stat(self.path)  # noqa: PTH116  (pathlib costs a worker's start ten milliseconds)
        except OSError:
            return {}
        seen = (status.st_ino, status.st_mtime_ns)
        if seen != self._seen:
            import json

            with open(self.path, encoding="utf-8") as file:  # noqa: PTH123
                self._document = json.load(file)
            self._seen = seen
        return self._document


class Place:
    """Where a process is on the twin, as its ``LIFEBOAT_TWIN_*`` variables say.

    ``KeyError`` without a DNS server among them; without a vantage the operator's is taken.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        pairs = (pair.split(":") for pair in environment.get("LIFEBOAT_TWIN_PORTS", "").split(",") if pair)
        self.dns = endpoint(environment["LIFEBOAT_TWIN_DNS"])
        self.ports = {int(public): int(own) for public, own in pairs}
        self.vantage = environment.get("LIFEBOAT_TWIN_VANTAGE", "127.0.0.1")
        self.network = Network(environment.get("LIFEBOAT_TWIN_NETWORK", ""))


def endpoint(text: str) -> tuple[str, int]:
    """Return the host and port of ``host:port``."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def addresses_of(name: str, place: Place) -> list[str]:
    """Ask the twin's DNS for a name's IPv4 addresses; empty when it has none or cannot be a name.

    The answer is never kept: how long to trust one is the matter of who asks.

    Raises:
        NotReachedError: no answer within two tries of two seconds.
    """
    query = questions.query_for(name)
    if query is None:
        return []
    for _ in range(QUERY_TRIES):
        with _socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind((place.vantage, 0))
            asking.settimeout(QUERY_SECONDS)
            _connect(asking, place.dns)
            try:
                asking.send(query)
                answer = asking.recv(4096)
            except OSError:
                continue
        if answer[:2] == query[:2]:
            found: list[str] = questions.addresses_in(answer)
            return found
    raise NotReachedError(f"the twin's DNS at {place.dns[0]}:{place.dns[1]} gave no answer for {name}")


def is_ours(host: Any) -> bool:
    """Tell whether a host is a name for the twin's DNS: no literal address, not this machine itself."""
    if not host or host == "localhost":
        return False
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return False
    return True


_socket = socket.socket
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def install(place: Place) -> None:
    """Put this process into its place; once, before anything connects."""

    def getaddrinfo(  # noqa: PLR0917  (the signature of what it stands in for)
        host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if not is_ours(name):
            return _getaddrinfo(host, port, family, type, proto, flags)
        if name.endswith(".localhost"):
            return _getaddrinfo("127.0.0.1", port, family, type, proto, flags)
        if family not in (socket.AF_UNSPEC, socket.AF_INET) or flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, f"{name}: the twin has IPv4 addresses only")
        try:
            addresses = addresses_of(name, place)
        except NotReachedError as exc:
            raise socket.gaierror(socket.EAI_NONAME, str(exc)) from exc
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, f"{name}: the twin's DNS has no address for it")
        found = [
            entry for address in addresses for entry in _getaddrinfo(address, port, socket.AF_INET, type, proto, flags)
        ]
        return [(*entry[:4], (entry[4][0], place.ports.get(int(entry[4][1]), entry[4][1]))) for entry in found]

    def gethostbyname(name: str) -> str:
        return str(getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])

    def gethostbyname_ex(name: str) -> tuple[str, list[str], list[str]]:
        found = getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
        return name, [], [str(entry[4][0]) for entry in found]

    def gethostbyaddr(address: str) -> Any:
        raise socket.herror(1, f"{address}: the twin has no reverse zones")

    def connect(self: socket.socket, address: Any) -> None:
        _connect(self, passage(self, address, place))

    def connect_ex(self: socket.socket, address: Any) -> int:
        try:
            return _connect_ex(self, passage(self, address, place))
        except OSError as exc:
            return exc.errno or 1

    changed: Any = socket
    changed.getaddrinfo = getaddrinfo
    changed.gethostbyname = gethostbyname
    changed.gethostbyname_ex = gethostbyname_ex
    changed.gethostbyaddr = gethostbyaddr
    changed.socket.connect = connect
    changed.socket.connect_ex = connect_ex


def passage(connecting: socket.socket, address: Any, place: Place) -> Any:
    """Bind a socket that is about to connect to the vantage, and return where it shall connect.

    Raises:
        ConnectionRefusedError: the address is not loopback; the twin reaches nothing else.
        socket.gaierror: the address is a name that the twin's DNS does not know.
    """
    if connecting.family == socket.AF_INET6 and address[0] != "::1":
        raise ConnectionRefusedError(111, f"{address[0]}: the twin reaches loopback addresses only")
    if connecting.family != socket.AF_INET:
        return address
    host, port = address
    if is_ours(host):
        host, port = socket.getaddrinfo(host, port, socket.AF_INET)[0][4][:2]
    if host == "localhost":
        host = "127.0.0.1"
    if not host.startswith("127."):
        raise ConnectionRefusedError(111, f"{host}: the twin reaches loopback addresses only")
    if connecting.getsockname() == ("0.0.0.0", 0):  # noqa: S104  (asks whether it is unbound, binds nothing)
        if connecting.type & socket.SOCK_STREAM and sys.platform == "linux":
            connecting.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        connecting.bind((place.vantage, 0))
    detour = place.network.detour(connecting.getsockname()[0], host)
    return detour or (host, port)


if __name__ == "sitecustomize" and "LIFEBOAT_TWIN_DNS" in os.environ:
    HERE = Place(os.environ)
    install(HERE)
    if "LIFEBOAT_TWIN_CLOCK" in os.environ:
        import wall_clock  # type: ignore[import-not-found]

        wall_clock.install(lambda: HERE.network.told("skew", os.environ.get("LIFEBOAT_TWIN_CLOCK", "")) or 0.0)
