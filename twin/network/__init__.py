"""The twin's network: addresses on loopback, ports, cuts between regions, and the certificates they show."""

from twin.network.addresses import AddressPlan
from twin.network.certificates import CertificateAuthority, ServerCertificate
from twin.network.cuts import Cut, Cuts
from twin.network.ports import PortClaim, Ports, claim_ports
from twin.network.state import NetworkState

__all__ = [
    "AddressPlan",
    "CertificateAuthority",
    "Cut",
    "Cuts",
    "NetworkState",
    "PortClaim",
    "Ports",
    "ServerCertificate",
    "claim_ports",
]
