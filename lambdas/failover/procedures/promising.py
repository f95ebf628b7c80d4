"""Promises to guards that cannot reach the store, and how whoever revokes honours them.

Why no two regions write (``docs/adr/0011`` has the whole argument): a gate is prolonged only when *every* control
region has written the promise into its own table. So whichever of them executes finds it there, and from the
moment it has written that it acts it promises nothing any more.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from failover.errors import ChangedMeanwhileError, PromiseRefusedError, RequestInvalidError, StoreUnreachableError
from failover.plain import from_plain
from failover.ports import Ports, QuorumStore
from failover.procedures.commands import Ticket
from failover.promises import Acting, Promise, PromiseRecord, Promises
from failover.records import DatabaseRecord, LeaseState
from failover.topology import Topology

ATTEMPTS = 8


def requested(document: Mapping[str, Any]) -> Promise:
    """Read a guard's request; raises ``RequestInvalidError`` when it is none."""
    try:
        return from_plain(Promise, document["promise"])
    except (KeyError, TypeError, ValueError) as exc:
        raise RequestInvalidError(
            f"promise: lacks or garbles {exc}; it takes database, region, epoch, position and lasts_seconds"
        ) from exc


def give_promise(ports: Ports, topology: Topology, promise: Promise) -> PromiseRecord:
    """Promise, in the name of this control region, and write it down before saying so.

    Raises:
        RequestInvalidError: the promise is about no copy of the topology.
        PromiseRefusedError: an executor of this region takes the right to write away, a later epoch was promised,
            or this region reaches the store, and there the asker has no right to write.
        LocalTableUnreachableError: this region's own table does not answer, so that nothing can be promised.
    """
    held = {each.name: each.regions for each in topology.databases}
    if promise.region not in held.get(promise.database, ()):
        copies = "; ".join(f"{name} in {', '.join(regions)}" for name, regions in held.items())
        raise RequestInvalidError(
            f"promise: {promise.database!r} in {promise.region!r} is no copy; there are: {copies}"
        )
    _ask_the_store(ports.store, promise)

    def promised(seen: PromiseRecord) -> PromiseRecord:
        if seen.acting is not None and promise.epoch <= seen.acting.epoch:
            raise PromiseRefusedError(
                f"{ports.here} promises nothing of {promise.database} for epoch {promise.epoch}: its executor took the "
                f"right to write of epoch {seen.acting.epoch} away for incident {seen.acting.incident}"
            )
        if seen.promise is not None and promise.epoch < seen.promise.epoch:
            raise PromiseRefusedError(
                f"{ports.here} has promised epoch {seen.promise.epoch} of {promise.database}; got {promise.epoch}"
            )
        return replace(seen, promise=_covering(seen.promise, promise))

    return _change(ports.promises, promise.database, promised)


def stop_promising(ports: Ports, ticket: Ticket, record: DatabaseRecord) -> Promise | None:
    """Note that this region takes an epoch's right to write away; from then on it promises nothing of that epoch.

    Both are conditional writes on one item: a promise is either in what this returns, or refused.

    Returns:
        The newest promise that this region has given; ``outlasts`` says whether it matters.
    """

    def acting(seen: PromiseRecord) -> PromiseRecord:
        if seen.acting is None or seen.acting.term <= ticket.term:
            epoch = max(record.epoch, seen.acting.epoch if seen.acting else 0)
            return replace(seen, acting=Acting(epoch, ticket.id, ticket.term))
        return replace(seen, acting=replace(seen.acting, epoch=max(record.epoch, seen.acting.epoch)))

    return _change(ports.promises, record.name, acting).promise


def resume_promising(ports: Ports, ticket: Ticket, record: DatabaseRecord) -> None:
    """The source has its right to write again: only epochs before the one it has now get no promise.

    What an executor of a later term has noted since stays as it is; those of earlier ones can revoke nothing more.
    """

    def resumed(seen: PromiseRecord) -> PromiseRecord:
        if seen.acting is None or seen.acting.term > ticket.term:
            return seen
        return replace(seen, acting=Acting(record.epoch - 1, ticket.id, ticket.term))

    _change(ports.promises, record.name, resumed)


def outlasts(promise: Promise | None, record: DatabaseRecord) -> bool:
    """Whether a promise may have opened the writer's gate for longer than the newest renewal has.

    Both times are the writer's database's own clock, so that they may be compared. The number of the renewal would
    not do: a guard that cannot reach the store does not know what another one, or its own lost write, has renewed.
    """
    if promise is None or promise.region != record.writer:
        return False
    return not record.lease.positions or promise.position.at > record.lease.positions[-1].at


def with_promise(record: DatabaseRecord, promise: Promise | None) -> DatabaseRecord:
    """Return the item as it would be if the promise had been a renewal, so that no loss bound is understated."""
    if promise is None or not outlasts(promise, record):
        return record
    lease = record.lease
    lasts_seconds = max(lease.lasts_seconds, promise.lasts_seconds)
    return replace(
        record, lease=replace(lease, positions=(*lease.positions, promise.position), lasts_seconds=lasts_seconds)
    )


def _ask_the_store(store: QuorumStore, promise: Promise) -> None:
    """Refuse what the store, if this region reaches it, says is not so; if it does not, its own item decides."""
    with suppress(StoreUnreachableError):
        record = store.database(promise.database)
        known = (record.writer, record.epoch, record.lease.state)
        if known != (promise.region, promise.epoch, LeaseState.GRANTED):
            raise PromiseRefusedError(
                f"{promise.database}: {promise.region} asked for epoch {promise.epoch}; in the store the writer is "
                f"{record.writer}, its epoch {record.epoch}, its lease {record.lease.state}"
            )


def _covering(known: Promise | None, asked: Promise) -> Promise:
    """Return one promise that covers both: a request that comes late, or for a shorter lease, takes nothing back."""
    if known is None or known.region != asked.region:
        return asked
    late = known.epoch == asked.epoch and known.position.at >= asked.position.at
    first, newest = (asked, known) if late else (known, asked)
    left_seconds = first.lasts_seconds - (newest.position.at - first.position.at)
    return replace(newest, lasts_seconds=max(newest.lasts_seconds, left_seconds))


def _change(promises: Promises, database: str, change: Callable[[PromiseRecord], PromiseRecord]) -> PromiseRecord:
    for _ in range(ATTEMPTS):
        seen = promises.read(database)
        wanted = change(seen)
        if wanted == seen:
            return seen
        try:
            return promises.change(seen, wanted)
        except ChangedMeanwhileError:
            continue
    raise ChangedMeanwhileError(f"the promises of {database} changed {ATTEMPTS} times while being written; try again")
