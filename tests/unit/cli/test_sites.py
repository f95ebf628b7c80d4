"""What an operator of a site is given: certificates that count for what they say, and files without a secret."""

import io
import json
import ssl
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from cryptography import x509
from typer.testing import CliRunner

from cli.main import app, run
from failover.topology import SiteNames
from runtime.site.credentials import credentials
from runtime.site.told import SiteEnvironment, logins
from topology_document import load

ROOT = Path(__file__).parents[3]
HAVEN = str(ROOT / "topologies" / "haven.yaml")
TOPOLOGY = load(Path(HAVEN))
SITE = "frankfurt-ovh"
HELPER = """#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in *{down}*) sleep 9;; *{refusing}*) echo "untrusted" >&2; exit 3;; *) echo '{{"Version": 1}}';; esac
"""


def certified(folder: Path) -> Path:
    done = CliRunner().invoke(app, ["sites", "certify", HAVEN, "--authority", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def setting_up(authority: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code, and what is said on stderr, as the command's root says it."""
    asked = ["lifeboat", "sites", "setup", HAVEN, SITE, "--authority", str(authority), "--into", str(into)]
    monkeypatch.setattr(sys, "argv", asked)
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended, redirect_stderr(said):
        run()
    return int(ended.value.code or 0), said.getvalue()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert setting_up(certified(tmp_path / "authority"), tmp_path / "host", monkeypatch) == (0, "")
    return tmp_path / "host"


def test_a_folder_without_an_authority_gets_none_from_a_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = setting_up(tmp_path / "typo", tmp_path / "host", monkeypatch)
    assert code == 2
    assert "typo: has no authority of sites; `lifeboat sites certify` makes one" in text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lost", ["authority.key", "authority.pem"])
@pytest.mark.parametrize("left", [None, "garbage"])
def test_an_authority_that_is_damaged_is_told_and_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str, left: str | None
) -> None:
    authority = certified(tmp_path / "authority")
    (authority / lost).unlink()
    if left is not None:
        (authority / lost).write_text(left)
    kept = {each.name: each.read_bytes() for each in authority.iterdir()}
    for _ in range(2):
        code, text = setting_up(authority, tmp_path / "host", monkeypatch)
        assert (code, "cannot be read" in text, "put back the folder as it was" in text) == (2, True, True)
        CliRunner().invoke(app, ["sites", "certify", HAVEN, "--authority", str(authority)])
    assert {each.name: each.read_bytes() for each in authority.iterdir()} == kept


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = setting_up(certified(tmp_path / "authority"), Path("/proc/nope"), monkeypatch)
    assert (code, text) == (1, "/proc/nope: No such file or directory\n")


def settings(host: Path) -> dict[str, str]:
    lines = (host / "site.env").read_text().splitlines()
    return {key: value.strip("'") for key, value in (line.split("=", 1) for line in lines)}


def test_the_agent_is_told_the_databases_of_its_site_and_no_others(host: Path) -> None:
    told = SiteEnvironment.from_variables(settings(host))
    held = {each.name: each.port for each in TOPOLOGY.databases if SITE in each.regions}
    assert (told.site, told.endpoints) == (SITE, {name: f"127.0.0.1:{port}" for name, port in held.items()})
    assert len(set(told.endpoints.values())) == len(held)
    assert told.listens == "0.0.0.0:8443"


def test_a_certificate_is_its_sites_and_answers_at_its_sites_names_alone(host: Path) -> None:
    certificate = x509.load_pem_x509_certificate((host / "site.pem").read_bytes())
    assert certificate.subject.rfc4514_string() == f"CN={SITE}"
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert SiteNames(TOPOLOGY).agent(SITE) in names.get_values_for_type(x509.DNSName)
    assert all(SITE in name for name in names.get_values_for_type(x509.DNSName))
    ssl.create_default_context(cafile=str(host / "authority.pem")).load_cert_chain(host / "site.pem", host / "site.key")


def test_nobody_else_may_read_the_key_and_no_other_file_has_one(host: Path) -> None:
    assert (host / "site.key").stat().st_mode & 0o077 == 0
    for file in host.iterdir():
        assert file.name == "site.key" or "PRIVATE KEY" not in file.read_text()


def test_backups_go_to_the_other_provider_of_the_place(host: Path) -> None:
    text = (host / "pgbackrest.conf").read_text()
    assert f"repo1-host={SiteNames(TOPOLOGY).agent('frankfurt-hetzner')}" in text
    assert "repo1-retention-full=14" in text
    assert "OnCalendar=*-*-* 01:30:00 UTC" in (host / "lifeboat-backup.timer").read_text()


def test_replication_is_by_certificates_from_those_who_hold_the_same_data(host: Path) -> None:
    text = (host / "home-eu.conf").read_text()
    assert "port = 5433" in text
    assert "archive_command = 'pgbackrest --stanza=home-eu archive-push %p'" in text
    assert "ssl_min_protocol_version = 'TLSv1.3'" in text
    assert "hostssl replication all 192.0.2.10/32 cert # frankfurt-hetzner" in text
    assert "toronto" not in text, "people's own data stays in the place"
    assert "toronto-digitalocean" in (host / "shared.conf").read_text()


@pytest.mark.skipif(not Path("/usr/bin/systemd-analyze").exists(), reason="no systemd here")
def test_systemd_takes_the_units(host: Path) -> None:
    for unit in host.glob("*.service"):
        looked = subprocess.run(["systemd-analyze", "verify", unit], check=False, capture_output=True, timeout=60)
        said = [line for line in looked.stderr.decode().splitlines() if "is not executable" not in line]
        assert said == []  # but that the programs are not on this machine


def test_an_authority_is_made_once(tmp_path: Path) -> None:
    asked = ["sites", "certify", HAVEN, "--authority", str(tmp_path)]
    first, second = (CliRunner().invoke(app, asked).output for _ in range(2))
    assert first == second
    assert first.count("put-parameter") == first.count("put-secret-value") == len(TOPOLOGY.control_regions)
    told = json.loads((tmp_path / "control.json").read_text())
    name = x509.load_pem_x509_certificate(told["certificate"].encode()).subject.rfc4514_string()
    assert name == "CN=lifeboat-haven-control"
    assert (tmp_path / "control.json").stat().st_mode & 0o077 == 0


def test_a_site_that_is_none_and_a_product_without_sites_are_told(tmp_path: Path) -> None:
    folders = ["--authority", str(tmp_path / "a"), "--into", str(tmp_path / "b")]
    wrong = CliRunner().invoke(app, ["sites", "setup", HAVEN, "frankfurt-ovg", *folders])
    assert (wrong.exit_code, "did you mean" in wrong.output) == (2, True)
    none = CliRunner().invoke(app, ["sites", "certify", str(ROOT / "topologies" / "quickstart.yaml"), *folders[:2]])
    assert (none.exit_code, "has no sites" in none.output) == (2, True)


def test_logins_that_others_may_read_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "logins.json"
    each = {"username": "u", "password": "p"}
    file.write_text(json.dumps({"shared": {"owner": each, "app_rw": each}}))
    with pytest.raises(ValueError, match="chmod 600"):
        logins(file)
    file.chmod(0o600)
    with pytest.raises(ValueError, match="app_ro"):
        logins(file)


def test_a_guard_gets_its_credentials_at_the_first_door_that_answers(tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    helper.write_text(HELPER.format(folder=tmp_path, down="nowhere", refusing="eu-central-1"))
    helper.chmod(0o700)
    doors = {region: {"TrustAnchorArn": f"anchor-{region}", "ProfileArn": "p"} for region in TOPOLOGY.control_regions}
    (tmp_path / "doors.json").write_text(json.dumps(doors))
    told = credentials(tmp_path, "role", "3600", TOPOLOGY.control_regions, str(helper))
    assert json.loads(told) == {"Version": 1}
    assert [line.split("--region ")[1].split()[0] for line in (tmp_path / "asked").read_text().splitlines()] == list(
        TOPOLOGY.control_regions[:2]
    )


def test_a_guard_without_a_door_says_why_of_each(tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    helper.write_text(HELPER.format(folder=tmp_path, down="nowhere", refusing="role-arn"))
    helper.chmod(0o700)
    (tmp_path / "doors.json").write_text(json.dumps({"eu-central-1": {"TrustAnchorArn": "a", "ProfileArn": "p"}}))
    with pytest.raises(OSError, match=r"eu-central-1: CalledProcessError untrusted; ca-central-1: not in doors.json"):
        credentials(tmp_path, "role", "3600", ["eu-central-1", "ca-central-1"], str(helper))
