"""``lifeboat-postgres rejoin DATABASE HOST PORT`` of a site's host: the twin's own process does it to its server."""

import json
import os
import socket
import sys
from typing import Final

HOSTS: Final = "LIFEBOAT_TWIN_HOSTS"
"""Where the twin takes such commands, as ``host:port``."""

SITE: Final = "LIFEBOAT_SITE"
LIMIT_SECONDS: Final = 120.0


def main() -> int:
    """Hand the arguments over, say what is answered, and return its exit code."""
    host, _, port = os.environ[HOSTS].partition(":")
    with socket.create_connection((host, int(port)), LIMIT_SECONDS) as hosts:
        hosts.sendall(json.dumps([os.environ[SITE], *sys.argv[1:]]).encode() + b"\n")
        code, said = json.loads(hosts.makefile("rb").readline())
    sys.stdout.write(f"{said}\n")
    return int(code)
