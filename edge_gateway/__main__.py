"""``python -m edge_gateway``: serves until it is told to end, and sends what waits when the region is there again."""

import os
import signal
import threading
import time

from edge_gateway.gateway import Gateway
from edge_gateway.region import Region
from edge_gateway.server import Server
from edge_gateway.settings import Settings
from edge_gateway.store import Store

LOOKED_SECONDS = 1.0


def main() -> None:
    """Serve."""
    settings = Settings.of(os.environ)
    store = Store(settings.store)
    region = Region(settings.upstream, settings.timeout_seconds)
    gateway = Gateway(settings, store, region.send, time.time)
    server = Server(settings.port, gateway)
    over = threading.Event()
    draining = threading.Thread(target=_drain, args=(gateway, over), name="drain")
    draining.start()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: over.set())
    threading.Thread(target=server.serve_forever, name="serve", daemon=True).start()
    over.wait()
    server.shutdown()
    draining.join()
    store.close()


def _drain(gateway: Gateway, over: threading.Event) -> None:
    while not over.is_set():
        gateway.drain()
        over.wait(max(LOOKED_SECONDS, gateway.rest_seconds()))


if __name__ == "__main__":
    main()
