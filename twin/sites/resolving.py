"""The operator's resolver: this process asks the twin's DNS for the product's names, such as those of sites' agents.

All else that an operator asks is AWS's API, at an address. Only names under the product's domain are answered so.
"""

import socket
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from twin.aws.patches import Patches
from twin.network.addresses import OPERATOR
from twin.site.sitecustomize import NotReachedError, Place, addresses_of

if TYPE_CHECKING:
    from twin.twin import Twin


class OperatorsResolver:
    """Between entering and leaving; the machine's own resolver answers for every other name."""

    def __init__(self, twin: "Twin") -> None:
        self._domain = f".{twin.topology.domain}"
        ports = twin.plan.ports
        self._place = Place(
            {
                "LIFEBOAT_TWIN_DNS": f"{OPERATOR}:{ports.dns}",
                "LIFEBOAT_TWIN_PORTS": ports.environment(),
                "LIFEBOAT_TWIN_VANTAGE": OPERATOR,
            }
        )
        self._patches = Patches()

    def __enter__(self) -> Self:
        resolve = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
            if not (isinstance(host, str) and host.endswith(self._domain)):
                return resolve(host, port, *rest, **more)
            try:
                found = addresses_of(host, self._place)
            except NotReachedError as exc:
                raise socket.gaierror(socket.EAI_NONAME, str(exc)) from exc
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, f"{host}: the twin's DNS has no address for it")
            own = self._place.ports.get(int(port), port)
            return [entry for address in found for entry in resolve(address, own, *rest, **more)]

        self._patches.replace(socket, "getaddrinfo", getaddrinfo)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patches.undo()
