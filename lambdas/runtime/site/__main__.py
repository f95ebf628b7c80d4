"""``python -m runtime.site agent`` or ``guard``: two processes, so that the death of one leaves the other."""

import logging
import sys
from typing import NoReturn

from failover.procedures.guarding import guard
from runtime import wiring
from runtime.site.told import SiteEnvironment
from runtime.site.wiring import agent, guard_ports

LIVES_SECONDS = 150.0
"""How long a guard goes on with what it knows of its world; then it makes it anew, credentials included."""


def main() -> NoReturn:
    """Run until somebody ends it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    topology, told = wiring.topology(), wiring.environment(SiteEnvironment)
    match sys.argv[1:]:
        case ["agent"]:
            agent(topology, told).serve_forever()
            sys.exit("the agent's server has stopped")
        case ["guard"]:
            ports = guard_ports(topology, told)
            while True:
                logging.info("leases extended: %s", guard(ports, topology, LIVES_SECONDS))
        case got:
            sys.exit(f"got {got}; one of: agent, guard")


if __name__ == "__main__":
    main()
