"""The configuration files of a server: written whole before each start, so that a copy never keeps its source's."""

from dataclasses import dataclass

# Durability as in production, since loss is measured on it; sizes for many servers on one machine.
# wal_retrieve_retry_interval: at its default of 5 s a promotion waits up to 5 s for a source that is gone.
# dynamic_shared_memory_type: mmap keeps it in the data folder; posix leaves files in /dev/shm after SIGKILL.
# wal_log_hints is what pg_rewind asks for; wal_keep_size replaces slots, which would outlive their replicas.
SETTINGS = """\
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = logical
wal_log_hints = on
hot_standby = on
max_wal_senders = 10
wal_keep_size = 1GB
wal_retrieve_retry_interval = 200ms
wal_receiver_status_interval = 1s
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
max_connections = 100
max_parallel_workers = 0
jit = off
password_encryption = scram-sha-256
unix_socket_directories = ''
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_line_prefix = '%m [%p] '
include_if_exists = 'replication.conf'
"""

# Loopback only, and a password always: the master user's on the workload's side, generated ones on the twin's.
HBA = """\
host all         all 127.0.0.0/8 scram-sha-256
host replication all 127.0.0.0/8 scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a replica receives WAL from."""

    address: str
    port: int
    user: str
    password: str


def server_settings(name: str, address: str, port: int) -> str:
    """Return ``postgresql.conf`` of the server called ``name``."""
    return f"{SETTINGS}cluster_name = '{name}'\nlisten_addresses = '{address}'\nport = {port}\n"


def replication_settings(name: str, source: Source | None, replay_delay_seconds: float) -> str:
    """Return ``replication.conf``; without a source the replica receives nothing, and replays what it has."""
    connection = ""
    if source is not None:
        connection = (
            f"host={source.address} port={source.port} user={source.user} password={source.password} "
            f"application_name={name} connect_timeout=2"
        )
    return (
        f"primary_conninfo = '{connection}'\n"
        f"recovery_min_apply_delay = {round(replay_delay_seconds * 1000)}ms\n"
        "recovery_target_timeline = 'latest'\n"
    )
