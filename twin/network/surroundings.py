"""The environment variables that put a child process into a region of the twin."""

from pathlib import Path
from typing import Final

from twin.network.addresses import OPERATOR, AddressPlan

REPOSITORY: Final = Path(__file__).resolve().parents[2]
SITE: Final = REPOSITORY / "twin" / "site"


def surroundings(plan: AddressPlan, vantage: str, network: Path, authority: Path) -> dict[str, str]:
    """Return the variables for a child at a vantage address (``plan.vantage(region)``, ``plan.users(region)``).

    ``PYTHONPATH`` holds the shim only: whoever starts a child that imports the project appends to it.
    ``authority`` is the PEM file of the run's certificate authority.
    """
    return {
        "PYTHONPATH": str(SITE),
        "LIFEBOAT_TWIN_DNS": f"{OPERATOR}:{plan.ports.dns}",
        "LIFEBOAT_TWIN_PORTS": plan.ports.environment(),
        "LIFEBOAT_TWIN_VANTAGE": vantage,
        "LIFEBOAT_TWIN_NETWORK": str(network),
        "SSL_CERT_FILE": str(authority),
        "REQUESTS_CA_BUNDLE": str(authority),
        "AWS_CA_BUNDLE": str(authority),
    }
