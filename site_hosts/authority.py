"""The authority that certifies a product's sites and its control plane, kept in a folder of the operators'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from failover.errors import LifeboatError

AUTHORITY_DAYS: Final = 3650
CLOCKS_APART: Final = timedelta(minutes=5)
CERTIFICATE: Final = "authority.pem"
KEY: Final = "authority.key"
RESTORE: Final = "put back the folder as it was: sites trust no other authority"


class AuthorityError(LifeboatError):
    """The folder of an authority has none, or one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Pem:
    """A certificate and its key."""

    certificate: str
    key: str


class SitesAuthority:
    """Made once in a folder, and read from it ever after; whoever has its key may be anybody."""

    def __init__(self, folder: Path) -> None:
        """Read it.

        Raises:
            AuthorityError: there is none in the folder, or what is there cannot be read.
        """
        self._certificate_file, self._key_file = folder / CERTIFICATE, folder / KEY
        if not _begun(folder):
            raise AuthorityError(f"{folder}: has no authority of sites; `lifeboat sites certify` makes one")
        try:
            key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
            self._certificate = x509.load_pem_x509_certificate(self._certificate_file.read_bytes())
        except (OSError, ValueError, TypeError) as exc:
            raise AuthorityError(f"{folder}: cannot be read ({exc}); {RESTORE}") from exc
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise AuthorityError(f"{self._key_file}: got a {type(key).__name__}; a key of an elliptic curve; {RESTORE}")
        self._key = key

    @classmethod
    def kept_in(cls, folder: Path, product: str) -> Self:
        """Return the authority of a folder; where it has none, make it."""
        if not _begun(folder):
            _make(folder, product)
        return cls(folder)

    @property
    def certificate(self) -> str:
        """What everybody trusts."""
        return self._certificate_file.read_text("ascii")

    def issue(self, name: str, days: int, hosts: Sequence[str] = ()) -> Pem:
        """Return a certificate for one who asks, and, with ``hosts``, who answers there."""
        key = ec.generate_private_key(ec.SECP256R1())
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
        builder = (
            _builder(_named(name), self._certificate.subject, key.public_key(), days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
            )
        certificate = builder.sign(self._key, hashes.SHA256())
        return Pem(certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), _pem(key))


def _begun(folder: Path) -> bool:
    """Whether an authority was ever made there; one of which half is lost is not made anew."""
    return (folder / CERTIFICATE).exists() or (folder / KEY).exists()


def _make(folder: Path, product: str) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), _named(f"lifeboat-{product}-sites")
    certificate = (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(folder / KEY, _pem(key))
    (folder / CERTIFICATE).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_APART)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def write_secret(path: Path, text: str) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, "ascii")


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
