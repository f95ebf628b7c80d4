"""The files of a site's database host: what its agent, its guards and its backups run by."""

from collections.abc import Iterator
from typing import Final

from failover.topology import Names, SiteNames, Topology
from site_hosts.authority import SitesAuthority
from topology_document.infrastructure.sites import SitesSection

HOME: Final = "/opt/lifeboat"
SECRETS: Final = "/etc/lifeboat"
TAILS: Final = "/var/lib/lifeboat/tails"
GUARDS: Final = 2
"""So many run at once: each skips what the other has just renewed, and the death of one leaves no gap."""

HARDENED: Final = f"""User=lifeboat
EnvironmentFile={SECRETS}/site.env
WorkingDirectory={HOME}
Environment=PYTHONPATH={HOME}/functions AWS_CONFIG_FILE={SECRETS}/aws.config AWS_PROFILE=guard
Restart=always
RestartSec=1
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=yes"""


def host_files(topology: Topology, site: str, settings: SitesSection) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file that says no secret."""
    yield "site.env", _environment(topology, site)
    yield "aws.config", _credentials(topology, site, settings)
    yield "lifeboat-agent.service", _unit("agent", "The agent beside the databases", f"ReadWritePaths={TAILS}\n")
    yield "lifeboat-guard@.service", _unit("guard", "Extends the leases of what this site writes", "")
    yield "lifeboat-backup.service", _backup(topology, site)
    yield "lifeboat-backup.timer", _timer(settings)
    yield "pgbackrest.conf", _repository(topology, site, settings)
    for name in _held(topology, site):
        yield f"{name}.conf", _server(topology, site, name)
    yield "INSTALL", _steps(topology, site)


def certificates(authority: SitesAuthority, topology: Topology, site: str, days: int) -> Iterator[tuple[str, str]]:
    """Yield the site's certificate, its key, and what it trusts."""
    names, own = Names(topology), SiteNames(topology)
    held = [names.database_address(name, site) for name in _held(topology, site)]
    pem = authority.issue(site, days, [own.agent(site), *held])
    yield "site.pem", pem.certificate
    yield "site.key", pem.key
    yield "authority.pem", authority.certificate


def _held(topology: Topology, site: str) -> list[str]:
    return [each.name for each in topology.databases if site in each.regions]


def _environment(topology: Topology, site: str) -> str:
    from runtime.site.told import SiteEnvironment

    there = topology.site(site)
    told = SiteEnvironment(
        site=site,
        logins=f"{SECRETS}/logins.json",
        tails=TAILS,
        certificate=f"{SECRETS}/site.pem",
        key=f"{SECRETS}/site.key",
        authority=f"{SECRETS}/authority.pem",
        listens=f"0.0.0.0:{there.agent_port if there else 0}",
        endpoints={name: f"127.0.0.1:{topology.database(name).port}" for name in _held(topology, site)},
    )
    return "".join(f"{key}='{value}'\n" for key, value in told.as_variables().items())


def _credentials(topology: Topology, site: str, settings: SitesSection) -> str:
    """One profile, which asks one door after another: while a control region lives, a guard gets its right."""
    role = SiteNames(topology).role_arn(site)
    doors = " ".join(topology.control_regions)
    command = f"{HOME}/venv/bin/python -m runtime.site.credentials {role} {settings.session_seconds} {doors}"
    return f"[profile guard]\ncredential_process = {command}\n"


def _unit(part: str, says: str, more: str) -> str:
    return (
        f"[Unit]\nDescription=Lifeboat: {says}\nAfter=network-online.target\nWants=network-online.target\n\n"
        f"[Service]\n{HARDENED}\n{more}ExecStart={HOME}/venv/bin/python -m runtime.site {part}\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )


def _backup(topology: Topology, site: str) -> str:
    runs = "".join(f"ExecStart=/usr/bin/pgbackrest --stanza={name} backup\n" for name in _held(topology, site))
    says = "Description=Lifeboat: a backup of each database at the other provider"
    return f"[Unit]\n{says}\n\n[Service]\nType=oneshot\nUser=postgres\n{runs}"


def _timer(settings: SitesSection) -> str:
    return (
        "[Unit]\nDescription=Lifeboat: a backup each day\n\n"
        f"[Timer]\nOnCalendar=*-*-* {settings.backup_at}:00 UTC\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )


def _repository(topology: Topology, site: str, settings: SitesSection) -> str:
    """Backups are kept with the other provider of the place: elsewhere, and under the same law."""
    other = next(each for each in topology.region_names if each != site and topology.are_a_pair(each, site))
    text = (
        "[global]\n"
        f"repo1-host={SiteNames(topology).agent(other)}\nrepo1-host-type=tls\n"
        f"repo1-host-cert-file={SECRETS}/site.pem\nrepo1-host-key-file={SECRETS}/site.key\n"
        f"repo1-host-ca-file={SECRETS}/authority.pem\n"
        f"repo1-retention-full-type=time\nrepo1-retention-full={settings.backup_keep_days}\n"
        "repo1-cipher-type=aes-256-cbc\ncompress-type=zst\narchive-async=y\n"
        f"tls-server-address=*\ntls-server-cert-file={SECRETS}/site.pem\ntls-server-key-file={SECRETS}/site.key\n"
        f"tls-server-ca-file={SECRETS}/authority.pem\ntls-server-auth={other}=*\n"
    )
    for name in _held(topology, site):
        text += f"\n[{name}]\npg1-path=/var/lib/postgresql/{name}\npg1-port={topology.database(name).port}\n"
    return text


def _server(topology: Topology, site: str, name: str) -> str:
    """What a server needs to be followed and to follow: by certificates, as everything between sites."""
    database = topology.database(name)
    lines = [
        f"port = {database.port}",
        "wal_level = logical # the tail of an old writer is read from it",
        "max_wal_senders = 16",
        "max_replication_slots = 16",
        "hot_standby = on",
        "wal_log_hints = on # pg_rewind needs it",
        "synchronous_commit = on",
        "ssl = on",
        "ssl_min_protocol_version = 'TLSv1.3'",
        f"ssl_cert_file = '{SECRETS}/site.pem'",
        f"ssl_key_file = '{SECRETS}/site.key'",
        f"ssl_ca_file = '{SECRETS}/authority.pem'",
        "archive_mode = on",
        f"archive_command = 'pgbackrest --stanza={name} archive-push %p'",
        "",
        "# pg_hba.conf: other sites by their certificates, and nobody else over the network",
    ]
    others = [each for each in database.regions if each != site]
    addresses = [(each, address) for each in others for address in _at(topology, each)]
    lines += [f"# hostssl replication all {address}/32 cert # {each}" for each, address in addresses]
    return "\n".join(lines) + "\n"


def _at(topology: Topology, site: str) -> tuple[str, ...]:
    there = topology.site(site)
    return there.addresses if there else ()


def _steps(topology: Topology, site: str) -> str:
    guards = " ".join(f"lifeboat-guard@{number}" for number in range(1, GUARDS + 1))
    return f"""{site} of {topology.name}, on the host of its databases. docs/sites.md tells why.

1. Python 3.13, PostgreSQL, pgBackRest, aws_signing_helper; users lifeboat and postgres; {TAILS} of lifeboat, 0700.
2. {HOME}/functions: the unpacked archive of build/functions; {HOME}/venv with boto3.
3. {SECRETS}, 0700, of lifeboat: all files of this folder but the units. site.key and logins.json are 0600.
4. {SECRETS}/doors.json: for each control region the outputs TrustAnchorArn and ProfileArn of its site-door stack.
5. each database's .conf into its server; lifeboat-postgres on the path (docs/engines.md).
6. systemctl enable --now lifeboat-agent lifeboat-backup.timer {guards}
"""
