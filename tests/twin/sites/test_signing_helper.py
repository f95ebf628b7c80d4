"""The twin's part of IAM Roles Anywhere: who gets credentials for a certificate, and who does not."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from site_hosts import Pem, SitesAuthority
from twin.sites.signing_helper import RefusedError, credentials

NOW = datetime.now(UTC)
ROLE = "arn:aws:iam::111122223333:role/lifeboat-haven-site-frankfurt-ovh"


@pytest.fixture
def authority(tmp_path: Path) -> SitesAuthority:
    return SitesAuthority.kept_in(tmp_path / "authority", "haven")


def asked(folder: Path, pem: Pem, key: str | None = None) -> argparse.Namespace:
    (folder / "site.pem").write_text(pem.certificate, "ascii")
    (folder / "site.key").write_text(key or pem.key, "ascii")
    files = {"certificate": str(folder / "site.pem"), "private_key": str(folder / "site.key")}
    return argparse.Namespace(**files, role_arn=ROLE, session_duration="3600", region="eu-central-1")


def test_a_site_with_a_certificate_of_the_authority_is_given_a_session_of_its_own_name(
    tmp_path: Path, authority: SitesAuthority
) -> None:
    pem = authority.issue("frankfurt-ovh", 1)
    told = credentials(asked(tmp_path, pem), authority.certificate, NOW, lambda name: {"AccessKeyId": name})
    serial = x509.load_pem_x509_certificate(pem.certificate.encode()).serial_number
    assert told == {"Version": 1, "AccessKeyId": f"{serial:x}"}


def nobody(session: str) -> dict[str, str]:
    raise AssertionError(f"{session} was given credentials")


def test_another_authoritys_certificate_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    other = SitesAuthority.kept_in(tmp_path / "other", "haven")
    with pytest.raises(RefusedError, match="not of the trust anchor's authority"):
        credentials(asked(tmp_path, other.issue("frankfurt-ovh", 1)), authority.certificate, NOW, nobody)


def test_a_certificate_that_has_ended_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    with pytest.raises(RefusedError, match="counts until"):
        credentials(
            asked(tmp_path, authority.issue("frankfurt-ovh", 1)), authority.certificate, NOW + timedelta(days=2), nobody
        )


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    other = authority.issue("frankfurt-hetzner", 1).key
    with pytest.raises(RefusedError, match="the key is not the certificate's"):
        credentials(asked(tmp_path, authority.issue("frankfurt-ovh", 1), other), authority.certificate, NOW, nobody)
