"""What one server says of itself and of its gate."""

from dataclasses import dataclass
from datetime import datetime

from failover.adapters.postgres.session import Session
from failover.ports import CopyState

# A position is bytes of WAL since the beginning. What a replica has replayed can be ahead of what it has
# received since its last start. The control file's timeline lags behind a promotion, so it is asked last.
SERVER = """
SELECT pg_is_in_recovery(),
    (SELECT system_identifier FROM pg_control_system())::text,
    CASE WHEN pg_is_in_recovery()
        THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
            (SELECT timeline_id FROM pg_control_checkpoint()))
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END,
    (CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
        ELSE pg_current_wal_lsn() END - '0/0')::bigint,
    (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0')::bigint,
    pg_last_xact_replay_timestamp(),
"""

AURORA = """
SELECT pg_is_in_recovery(), aurora_db_instance_identifier(), 0,
    coalesce((SELECT max(durable_lsn) FROM aurora_global_db_instance_status() WHERE aws_region = (SELECT aws_region
        FROM aurora_global_db_instance_status() WHERE server_id = aurora_db_instance_identifier())), 0)::bigint,
    coalesce((SELECT highest_lsn_rcvd FROM aurora_global_db_instance_status()
        WHERE server_id = aurora_db_instance_identifier()), 0)::bigint,
    NULL::timestamptz,
"""
"""An Aurora instance has no WAL to count: its replicas share a storage, and refuse to tell a replayed position. What is
durable in the storage of its region comes from the global database's own status (Amazon Aurora user guide,
``aurora_global_db_instance_status``). Without one it is 0, so that no loss can be bounded. Not run on Aurora yet."""

COMMON = """
    coalesce((SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname IN ('app_rw', 'app_rw_2')), false),
    (SELECT count(*) FROM pg_stat_activity WHERE usename IN ('app_rw', 'app_rw_2')),
    to_regclass('lifeboat.gate') IS NOT NULL,
    current_setting('server_version_num')::integer,
    clock_timestamp()
"""

IS_AURORA = "SELECT to_regprocedure('aurora_global_db_instance_status()') IS NOT NULL"

GATE = """
SELECT (SELECT max(version) FROM lifeboat.version), epoch, holder, nullif(valid_until, '-infinity'), fenced,
    lifeboat.refusal(), lifeboat.identity(),
    EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'lifeboat_attach' AND evtenabled <> 'D'),
    ARRAY(SELECT format('%s: %s', "table", reason) FROM lifeboat.ungated ORDER BY 1)
FROM lifeboat.gate
"""


@dataclass(frozen=True, slots=True)
class GateState:
    """The gate's row, and what it means on this server now.

    ``refusal`` is the reason for which a write would be refused, None when it would pass. ``attaches`` says
    whether new tables get the gate by themselves; ``ungated`` names tables through which a write passes.
    """

    version: int
    epoch: int
    holder: str | None
    valid_until: datetime | None
    fenced: bool
    refusal: str | None
    attaches: bool
    ungated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A server's own word on everything that a change of writer needs to know.

    ``identity`` is ``<system identifier>/<timeline>``, or ``…/replica`` in recovery (on Aurora the instance's
    name). ``position`` is what it has written, or received as a replica; ``replayed`` what can be read.
    ``clock`` is the server's own, ``version`` as PostgreSQL counts (180003 is 18.3). ``gate`` is None where none
    was installed.
    """

    in_recovery: bool
    identity: str
    timeline: int
    position: int
    replayed: int
    last_replayed_commit_at: datetime | None
    app_login_allowed: bool
    app_sessions: int
    clock: datetime
    gate: GateState | None
    version: int

    def as_copy_state(self) -> CopyState:
        """Return the part that other regions ask for; a copy without a gate says epoch 0, shut."""
        return CopyState(
            in_recovery=self.in_recovery,
            identity=self.identity,
            position=self.position,
            clock=self.clock.timestamp(),
            gate_epoch=self.gate.epoch if self.gate else 0,
            gate_open=self.gate is not None and self.gate.refusal is None,
            gate_fenced=self.gate is not None and self.gate.fenced,
            version=self.version,
        )


def inspect(session: Session) -> Inspection:
    """Ask the server; works on replicas, and where the gate is not installed."""
    recovery, system, timeline, position, replayed, replayed_at, login, sessions, *rest = session.row(
        (AURORA if session.row(IS_AURORA)[0] else SERVER) + COMMON
    )
    installed, server, clock = rest
    identity, gate = f"{system}/{'replica' if recovery else timeline}", None
    if installed:
        version, epoch, holder, valid_until, fenced, refusal, identity, attaches, ungated = session.row(GATE)
        gate = GateState(version, epoch, holder, valid_until, fenced, refusal, attaches, tuple(ungated))
    told = (recovery, identity, timeline, position, replayed, replayed_at, login, sessions, clock, gate)
    return Inspection(*told, version=server)
