from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from twin.network import AddressPlan, CertificateAuthority, ServerCertificate
from twin.network.certificates import names_of


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path)


def handshake(server: ServerCertificate, trusted: Path, name: str) -> str | None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(server.certificate, server.key)
    client = ssl.create_default_context(cafile=str(trusted))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    here, there = socket.socketpair()
    here.settimeout(5)
    there.settimeout(5)

    def serve() -> None:
        try:
            with serving.wrap_socket(there, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(here, server_hostname=name) as wrapped:
            wrapped.sendall(b".")
            return wrapped.version()
    finally:
        here.close()
        thread.join(5)


@pytest.mark.parametrize(
    "name",
    [
        "app.quickstart.example",
        "eu-west-1.origin.quickstart.example",
        "us-east-1.lever.quickstart.example",
        "dynamodb.eu-west-3.amazonaws.com",
        "d-abc.execute-api.us-east-1.amazonaws.com",
        "alb-1.eu-west-1.elb.amazonaws.com",
    ],
)
def test_a_client_that_trusts_the_authority_accepts_every_name_of_the_twin(
    authority: CertificateAuthority, plan: AddressPlan, name: str
) -> None:
    server = authority.issue("everything", names_of(plan, "quickstart.example"))
    assert handshake(server, authority.file, name) == "TLSv1.3"


def test_another_name_is_refused(authority: CertificateAuthority) -> None:
    server = authority.issue("one", ["one.quickstart.example"])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, authority.file, "two.quickstart.example")


def test_another_run_is_not_trusted(authority: CertificateAuthority, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    server = authority.issue("one", ["one.quickstart.example"])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, CertificateAuthority(other).file, "one.quickstart.example")


def test_an_address_is_certified_as_one(authority: CertificateAuthority) -> None:
    server = authority.issue("address", ["127.0.1.10"])
    assert handshake(server, authority.file, "127.0.1.10") is not None


def test_only_its_owner_reads_the_key(authority: CertificateAuthority) -> None:
    assert authority.issue("one", ["one.example"]).key.stat().st_mode & 0o077 == 0
