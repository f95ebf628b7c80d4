"""The product's HTTPS service in one region; run as ``python -m twin.workload.service`` by ``processes``.

``GET /health/live``          200 while the process runs, with its ``process`` id
``GET /health/deep``          200, or 503 when a part of the region is unhealthy, with every part, the zones, and
                              two figures of the last ten seconds: ``latency_p95_seconds``, ``error_rate``
``POST /rows``                ``{"client": "us-east-1", "number": 7}``: 201 once the row is committed, else 503
``GET /rows?client=NAME``     the numbers of a client's rows in the copy of this region

Every answer is a JSON object with ``region``, and ``reason`` where something went wrong.
"""

import logging
import os
import sys
from typing import Final

from twin.workload.copies import Copy
from twin.workload.figures import Figures
from twin.workload.health import DeepHealth
from twin.workload.listener import Listener
from twin.workload.parent import end_with_parent
from twin.workload.product import Product
from twin.workload.scheduler import Scheduler
from twin.workload.scouts import Scouts
from twin.workload.session import Login
from twin.workload.settings import VARIABLE, ServiceSettings, SettingsError
from twin.workload.vantage import Vantage
from twin.workload.writing import AlwaysHere, RowWriter

LOOK_SECONDS: Final = 0.5


def product_of(settings: ServiceSettings, vantage: Vantage) -> Product:
    """Put the service of a region together; nothing connects before the first request."""
    name = f"workload-{settings.region}"
    reads = Login("app_ro", settings.app_ro_password, settings.database, name)
    writes = Login("app_rw", settings.app_rw_password, settings.database, name, writes=True)
    readable = {region: Copy(region, name, reads, vantage) for region, name in settings.endpoints.items()}
    writable = {region: Copy(region, name, writes, vantage) for region, name in settings.endpoints.items()}
    local = readable[settings.region]
    finding = Scouts(readable.values()) if settings.gated else AlwaysHere(settings.region)
    writer = RowWriter(settings.region, writable, finding, gated=settings.gated)
    return Product(settings.region, local, writer, DeepHealth(local), Figures())


def schedulers_of(settings: ServiceSettings, vantage: Vantage) -> list[Scheduler]:
    """Put the region's workers together; each has a session of its own with the region's own copy."""
    login = Login("app_rw", settings.app_rw_password, settings.database, f"workers-{settings.region}")
    endpoint = settings.endpoints[settings.region]
    return [Scheduler(worker, Copy(settings.region, endpoint, login, vantage)) for worker in settings.workers]


def main() -> int:
    """Serve until the process is ended."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    end_with_parent()
    try:
        settings = ServiceSettings.parse(os.environ.get(VARIABLE, ""))
        vantage = Vantage()
        product = product_of(settings, vantage)
        schedulers = schedulers_of(settings, vantage)
        address = (settings.address, settings.port)
        listener = Listener(
            address, settings.certificate, settings.key, product, lambda: vantage.delay(settings.region)
        )
    except SettingsError as exc:
        logging.error("%s", exc)
        return 2
    except OSError as exc:
        logging.error("%s cannot listen at %s:%s: %s", settings.region, *address, exc)
        return 1
    logging.info("%s serves at %s:%s", settings.region, *address)
    for scheduler in schedulers:
        scheduler.start()
    with listener:
        listener.serve_forever(LOOK_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
