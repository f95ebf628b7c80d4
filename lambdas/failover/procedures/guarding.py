"""The guard: the loop beside the writer that extends its lease, and can do nothing else."""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from failover.errors import (
    ChangedMeanwhileError,
    EpochRefusedError,
    GateRefusedError,
    LeaseRefusedError,
    StoreUnreachableError,
)
from failover.ports import Clock, DatabaseCopy, QuorumStore, Telemetry
from failover.procedures.renewing import renewed
from failover.procedures.tailing import keep_tails
from failover.promises import Promise, Promisers
from failover.records import DatabaseRecord, JournalEntry, LeaseState, Position
from failover.topology import Lease, Topology

HANGS_SECONDS: Final = 2.0
"""Whoever takes longer hangs: a database that answers is described and extended within a fraction of a second."""


@dataclass(frozen=True, slots=True)
class GuardPorts:
    """What a guard may touch: the store, the control regions' word, and the copies in its own region by name."""

    here: str
    clock: Clock
    store: QuorumStore
    promisers: Promisers
    copies: Mapping[str, DatabaseCopy]
    telemetry: Telemetry


def guard(ports: GuardPorts, topology: Topology, lives_seconds: float) -> dict[str, int]:
    """Renew again and again for a while; returns how often each database's lease was extended.

    Runs overlap, so that the death of one leaves no gap. Databases that hang come last in a round, in turn, and as many
    as there is time for: a lease of another one must not run out behind them. An error ends nothing: the next round
    may succeed, and until one does the gate runs out by itself, which is the safe side.
    """
    until = ports.clock.elapsed() + lives_seconds
    extended, promised = dict.fromkeys(ports.copies, 0), dict.fromkeys(ports.copies, 0)
    hung = dict[str, float]()
    while (began := ports.clock.elapsed()) < until:
        reached, seen = True, dict[str, DatabaseRecord]()
        for name in sorted(ports.copies, key=lambda each: hung.get(each, -math.inf)):
            copy, at = ports.copies[name], ports.clock.elapsed()
            if name in hung and at - began > topology.lease.renew_seconds:
                continue  # it had its turn, or has it in the next round: the others' leases run out meanwhile
            # Refused, unreachable, not initialised yet, unforeseen: the gate says the rest.
            with suppress(Exception):
                try:
                    if reached:
                        seen[name] = ports.store.database(name)
                        extended[name] += renew(ports.store, copy, seen[name], ports.here, topology.lease)
                        promised[name] = _told(ports, name, promised[name])
                        continue
                except StoreUnreachableError:
                    reached = False  # the other databases' leases must not run out while each waits for it again
                except (GateRefusedError, EpochRefusedError) as exc:
                    ports.telemetry.lease_refused(name, str(exc))
                    raise
                promised[name] += prolong(ports, topology, name, copy)
            hung.pop(name, None)
            if (now := ports.clock.elapsed()) - at > HANGS_SECONDS:
                hung[name] = now
        if reached:
            answering = {name: record for name, record in seen.items() if name not in hung}
            keep_tails(ports.copies, answering, topology, ports.here)
        ports.telemetry.heartbeat("guard")
        ports.telemetry.flush()
        ports.clock.sleep(max(0.0, began + topology.lease.renew_seconds - ports.clock.elapsed()))
    return extended


def renew(store: QuorumStore, copy: DatabaseCopy, record: DatabaseRecord, here: str, lease: Lease) -> bool:
    """Extend the lease of the copy in this region once, if this region may write by the item as it was just read.

    The database's clock is read before the store is written, and the gate gets that reading plus the lease less
    the margin: whoever revokes the lease and waits a lease and a margin has waited longer than the gate is
    open, without any comparison between two machines' clocks.

    Returns:
        Whether the lease is extended; False when an overlapping guard has done it a moment ago.

    Raises:
        LeaseRefusedError: another region is the writer, or the lease is revoked.
        StoreUnreachableError, DatabaseUnreachableError: the gate stays as it is, and runs out.
        GateRefusedError, EpochRefusedError: the gate is not this epoch's, which only an admission opens, or the copy is
            a replica: an Aurora writer becomes one when another cluster is promoted past Lifeboat. A replica renews
            nothing: its positions are not a writer's.
    """
    if record.writer != here or record.lease.state is not LeaseState.GRANTED:
        raise LeaseRefusedError(f"{record.name}: the writer is {record.writer}, its lease {record.lease.state}")
    state = copy.describe()
    if state.in_recovery:
        raise GateRefusedError(f"{record.name}: {here} is the writer by its item, and its copy is a replica")
    if _renewed_a_moment_ago(record, state.clock, lease.renew_seconds):
        return False
    try:
        store.change_database(record, replace(record, lease=renewed(record.lease, state, lease.lease_seconds)))
    except ChangedMeanwhileError:
        return False  # a revocation or another guard came first; the next round reads again
    copy.extend(record.epoch, state.clock + lease.lease_seconds - lease.margin_seconds)
    return True


def prolong(ports: GuardPorts, topology: Topology, name: str, copy: DatabaseCopy) -> bool:
    """Extend an open gate on the word of every control region, its own among them, without the store.

    As when it renews: the database's clock is read before anybody is asked. A gate that is shut stays shut, so that
    no word of another day, given by regions that have forgotten, ever opens one again.

    Returns:
        Whether every control region has promised and the gate is extended.

    Raises:
        DatabaseUnreachableError, GateRefusedError, EpochRefusedError: as for ``renew``.
    """
    state, lease = copy.describe(), topology.lease
    if not state.gate_open:
        return False
    position = Position(state.position, state.clock)
    answers = ports.promisers.ask(Promise(name, ports.here, state.gate_epoch, position, lease.lease_seconds))
    missing = {region: answers.get(region, "it was not asked") for region in topology.control_regions}
    refusals = {region: why for region, why in missing.items() if why}
    ports.telemetry.failsafe(name, refusals)
    if refusals or not topology.control_regions:
        return False
    copy.extend(state.gate_epoch, state.clock + lease.lease_seconds - lease.margin_seconds)
    return True


def _told(ports: GuardPorts, name: str, promised: int) -> int:
    """Say in the journal, now that the store answers, that it was written without it; returns what is still to say."""
    if promised:
        text = f"while the store was out of reach, every control region promised {promised} times, and writes went on"
        ports.store.append(JournalEntry(ports.clock.now(), ports.here, "FAILSAFE", text, database=name))
    return 0


def _renewed_a_moment_ago(record: DatabaseRecord, database_clock: float, renew_seconds: float) -> bool:
    """Both times are the same database's clock, so that they may be compared."""
    positions = record.lease.positions
    return bool(positions) and 0 <= database_clock - positions[-1].at < renew_seconds / 2
