"""The twin's part of IAM Roles Anywhere: who gets credentials for a certificate, and who does not."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


def test_a_site_with_a_certificate_of_the_authority_is_given_credentials_for_so_long(
    tmp_path: Path, authority: SitesAuthority
) -> None:
    told = credentials(asked(tmp_path, authority.issue("frankfurt-ovh", 1)), authority.certificate, NOW)
    assert told["Version"] == 1
    assert told["AccessKeyId"] == "111122223333", "who calls on the twin is the account"
    assert told["Expiration"] == (NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_another_authoritys_certificate_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    other = SitesAuthority.kept_in(tmp_path / "other", "haven")
    with pytest.raises(RefusedError, match="not of the trust anchor's authority"):
        credentials(asked(tmp_path, other.issue("frankfurt-ovh", 1)), authority.certificate, NOW)


def test_a_certificate_that_has_ended_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    with pytest.raises(RefusedError, match="counts until"):
        credentials(
            asked(tmp_path, authority.issue("frankfurt-ovh", 1)), authority.certificate, NOW + timedelta(days=2)
        )


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, authority: SitesAuthority) -> None:
    other = authority.issue("frankfurt-hetzner", 1).key
    with pytest.raises(RefusedError, match="the key is not the certificate's"):
        credentials(asked(tmp_path, authority.issue("frankfurt-ovh", 1), other), authority.certificate, NOW)
