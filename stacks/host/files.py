"""What is in the files of a self-managed server's host: pure, and of the standard library alone."""

from pathlib import Path
from typing import Any

DATA = Path("/var/lib/postgresql")
REPLICATION = "lifeboat_replication"


def server_settings(told: dict[str, Any]) -> str:
    """Return the settings of the server: what Lifeboat, logical replication and the archive need."""
    name = told["database"].replace("-", "_")
    lines = {
        "listen_addresses": "'*'",
        "ssl": "on",
        "ssl_min_protocol_version": "'TLSv1.2'",
        "password_encryption": "'scram-sha-256'",
        "wal_level": "logical",
        "wal_log_hints": "on",
        "max_wal_senders": "20",
        "max_replication_slots": "20",
        # A tenth of the disk: then the tail of who is away is given up, rather than the disk filled.
        "max_slot_wal_keep_size": f"'{told['storage_gib'] * 1024 // 10}MB'",
        "max_prepared_transactions": "0",
        "wal_retrieve_retry_interval": "'500ms'",
        "hot_standby": "on",
        "hot_standby_feedback": "on",
        "archive_mode": "on",
        "archive_command": f"'pgbackrest --stanza={name} archive-push %p'",
        "archive_timeout": f"'{told['archive_seconds']}s'",
        "restore_command": f"'pgbackrest --stanza={name} archive-get %f \"%p\"'",
        "recovery_target_timeline": "'latest'",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_line_prefix": "'%m [%p] %u@%d %h '",
    }
    if told["timescaledb"]:
        lines["shared_preload_libraries"] = "'timescaledb'"
        lines["timescaledb.telemetry_level"] = "'off'"
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def access(told: dict[str, Any]) -> str:
    """Return who may log in: over TLS, with SCRAM, from the networks of the product's regions; nobody by SSH's way."""
    lines = ["local all all peer"]
    for network in told["networks"]:
        lines.append(f"hostssl all all {network} scram-sha-256")
        lines.append(f"hostssl replication {REPLICATION} {network} scram-sha-256")
    return "".join(f"{line}\n" for line in lines)


def backup_settings(told: dict[str, Any]) -> str:
    """Return pgBackRest's settings: the region's own bucket, whose key encrypts what is in it."""
    name, region = told["database"].replace("-", "_"), told["region"]
    return f"""[global]
repo1-type=s3
repo1-path=/{told["prefix"]}
repo1-s3-bucket={told["bucket"]}
repo1-s3-endpoint=s3.{region}.amazonaws.com
repo1-s3-region={region}
repo1-s3-key-type=auto
repo1-retention-full={told["kept_full_backups"]}
repo1-bundle=y
compress-type=zst
start-fast=y

[{name}]
pg1-path=/var/lib/postgresql/{told["major_version"]}/main
"""


def schedule(told: dict[str, Any]) -> str:
    """Return the lines of cron; on a replica the command does nothing."""
    name, hour = told["database"].replace("-", "_"), told["backup_hour"]
    command = f"pgbackrest --stanza={name} --type="
    return (
        f"SHELL=/bin/sh\n0 {hour} * * 0 postgres {command}full backup\n0 {hour} * * 1-6 postgres {command}diff backup\n"
    )


PROMOTES = "GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO lifeboat_owner"
"""In the database that its owner logs in to: rights to functions are each database's own."""


def roles(owner: str, replication: str) -> str:
    """Return the SQL that makes Lifeboat's two logins, in the database postgres; passwords are quoted already."""
    return f"""
DO $$ BEGIN
IF to_regrole('lifeboat_owner') IS NULL THEN CREATE ROLE lifeboat_owner LOGIN CREATEROLE REPLICATION; END IF;
IF to_regrole('{REPLICATION}') IS NULL THEN CREATE ROLE {REPLICATION} LOGIN REPLICATION; END IF; END $$;
ALTER ROLE lifeboat_owner PASSWORD {owner};
ALTER ROLE {REPLICATION} PASSWORD {replication};
GRANT pg_monitor, pg_signal_backend, pg_create_subscription TO lifeboat_owner;
GRANT SET ON PARAMETER session_replication_role TO lifeboat_owner;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean),
    pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) TO {REPLICATION};
"""


def agent_settings(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the agent of CloudWatch measures and sends."""
    log = f"/var/log/postgresql/postgresql-{told['major_version']}-main.log"
    return {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
        "metrics": {
            "namespace": "Lifeboat/Hosts",
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "aggregation_dimensions": [["InstanceId"]],
            "metrics_collected": {
                "disk": {"measurement": ["used_percent"], "resources": [str(DATA)]},
                "mem": {"measurement": ["used_percent"]},
            },
        },
        "logs": {
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {"file_path": log, "log_group_name": told["log_group"], "log_stream_name": "{instance_id}"}
                    ]
                }
            }
        },
    }


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
