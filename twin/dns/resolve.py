"""Where a program that connects in C must go on the twin.

libpq resolves and connects by itself, out of reach of the shim in ``twin/site``: its caller asks here and
passes ``hostaddr`` and ``port``.
"""

import os
from collections.abc import Mapping

from twin.site.sitecustomize import Place, addresses_of


def resolve(name: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return a name's addresses from the twin's DNS, asked anew; empty when it has none.

    Raises:
        KeyError: the environment does not belong to a twin (no ``LIFEBOAT_TWIN_DNS``).
        OSError: the twin's DNS does not answer.
    """
    return addresses_of(name, Place(environment))


def dial(name: str, port: int, environment: Mapping[str, str] = os.environ) -> tuple[str, int]:
    """Return the address and port to connect to for a name and AWS's port, from this process's vantage.

    When the path is cut it is a place where the connection hangs, or is refused, as the cut says.

    Raises:
        KeyError: the environment does not belong to a twin.
        OSError: the twin's DNS does not answer, or has no address for the name.
    """
    place = Place(environment)
    addresses = addresses_of(name, place)
    if not addresses:
        raise OSError(f"{name}: the twin's DNS has no address for it")
    return place.network.detour(place.vantage, addresses[0]) or (addresses[0], place.ports.get(port, port))
