"""``lifeboat-postgres rejoin DATABASE HOST PORT`` of a site's host: the twin's own process does it to its server."""

import json
import os
import socket
import sys
from typing import Final

SOCKET: Final = "LIFEBOAT_TWIN_HOSTS"
"""The path of the socket at which the twin takes such commands."""

SITE: Final = "LIFEBOAT_SITE"
LIMIT_SECONDS: Final = 120.0


def main() -> int:
    """Hand the arguments over, say what is answered, and return its exit code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hosts:
        hosts.settimeout(LIMIT_SECONDS)
        hosts.connect(os.environ[SOCKET])
        hosts.sendall(json.dumps([os.environ[SITE], *sys.argv[1:]]).encode() + b"\n")
        code, said = json.loads(hosts.makefile("rb").readline())
    sys.stdout.write(f"{said}\n")
    return int(code)
