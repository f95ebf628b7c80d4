"""One certificate authority per run, and the server certificates that the twin's listeners show.

Children trust this authority alone (``SSL_CERT_FILE``), and it is gone with the run's folder.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from twin.network.addresses import AddressPlan

VALID: Final = timedelta(days=30)
SLACK: Final = timedelta(days=1)
"""Certificates begin this long ago, so that a drill may set a clock back."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A certificate chain and its key, as PEM files that ``ssl`` and PostgreSQL load."""

    certificate: Path
    key: Path


def names_of(plan: AddressPlan, domain: str) -> tuple[str, ...]:
    """Return the names that servers of the twin answer for: the product's, and AWS's in each region."""
    own = (domain, f"*.{domain}", f"*.origin.{domain}", f"*.lever.{domain}", "localhost")
    amazon = (
        name
        for region in plan.regions
        for name in (
            f"*.{region}.elb.amazonaws.com",
            f"*.execute-api.{region}.amazonaws.com",
            f"*.{region}.rds.amazonaws.com",
            f"dynamodb.{region}.amazonaws.com",
        )
    )
    return (*own, *amazon)


class CertificateAuthority:
    """Signs the twin's server certificates; its files lie in the folder that it is given."""

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self._folder = folder
        self._now = now or datetime.now(UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lifeboat twin, one run")])
        self._certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, names: Iterable[str]) -> ServerCertificate:
        """Return a server certificate, in files called ``name``, for DNS names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
            .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        files = ServerCertificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        files.key.touch(mode=0o600)
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return files

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        # Both key identifiers: Python 3.13 verifies strictly and refuses certificates without them.
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - SLACK)
            .not_valid_after(self._now + VALID)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
