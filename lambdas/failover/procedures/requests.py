"""What a person may ask of a state machine, and every way in which it can be wrong, found before anything is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from failover.errors import RequestInvalidError
from failover.records import DatabaseRecord
from failover.topology import Topology


class Machine(StrEnum):
    """The state machines, by the names of their files."""

    FAILOVER = "failover"
    DATABASE_FAILOVER = "database_failover"
    SWITCHOVER = "switchover"
    FAILBACK = "failback"
    ROLLBACK = "rollback"


FORWARD = (Machine.FAILOVER, Machine.DATABASE_FAILOVER, Machine.SWITCHOVER)
"""The machines that make another region the writer: one may go on where another one held."""

UNPLANNED = (Machine.FAILOVER, Machine.DATABASE_FAILOVER)
"""The machines that take the subject for lost: it cannot run them itself."""

FIELDS = {"subject", "reason", "target", "databases", "epochs", "evacuate", "dry_run"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request by hand: ``{"subject": REGION, "reason": TEXT, …}``.

    ``target`` is the region that shall write (a switchover needs one), ``databases`` those that shall move (default:
    all that the subject writes), ``epochs`` what the asker believes: a database whose epoch is another one has been
    moved since. ``evacuate`` moves the subject's users too. ``dry_run`` returns the plan and changes nothing.
    """

    machine: Machine
    subject: str
    reason: str
    target: str | None
    databases: tuple[str, ...]
    evacuate: bool
    dry_run: bool


def read_request(
    machine: Machine, document: Mapping[str, Any], topology: Topology, records: Sequence[DatabaseRecord], here: str
) -> Request:
    """Return what the document asks for.

    Raises:
        RequestInvalidError: something in it is wrong or stale; the message says what is allowed and the fix.
    """
    refuse_strangers(machine, document, topology, here)
    subject, reason = str(document["subject"]), str(document["reason"])
    databases = _databases(machine, document.get("databases"), topology, records, subject)
    target = document.get("target")
    if target is not None or machine is Machine.SWITCHOVER:
        target = _target(topology, target, subject, databases)
    _refuse_stale_epochs(document.get("epochs", {}), records)
    return Request(
        machine=machine,
        subject=subject,
        reason=reason.strip(),
        target=target,
        databases=databases,
        evacuate=_flag(document, "evacuate", default=machine is Machine.FAILOVER),
        dry_run=_flag(document, "dry_run", default=False),
    )


def refuse_strangers(machine: Machine, document: Mapping[str, Any], topology: Topology, here: str) -> None:
    """Refuse what is wrong whoever writes what now: it needs no store, so that a command can say it at once.

    Raises:
        RequestInvalidError: as ``read_request``.
    """
    unknown = sorted(set(document) - FIELDS)
    if unknown:
        raise RequestInvalidError(f"{unknown[0]}: no field of a request; it takes: {', '.join(sorted(FIELDS))}")
    subject = _region(topology, "subject", document.get("subject"))
    if machine in UNPLANNED and subject == here:
        others = ", ".join(each for each in topology.control_regions if each != subject)
        raise RequestInvalidError(
            f"subject: got {subject!r}, the region of this state machine; a lost region cannot run its own failover: "
            f"start it in another control region ({others})"
        )
    reason = document.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise RequestInvalidError(f'reason: missing; say why, as in {{"subject": "{subject}", "reason": "…"}}')
    wanted, target = document.get("databases"), document.get("target")
    known = [each.name for each in topology.databases]
    if wanted is not None and (not isinstance(wanted, list) or not wanted or not set(map(str, wanted)) <= set(known)):
        raise RequestInvalidError(f"databases: got {wanted!r}; a list of some of: {', '.join(known)}")
    if target is not None or machine is Machine.SWITCHOVER:
        _target(topology, target, subject, topology.moves_with(map(str, wanted or ())))


def _region(topology: Topology, field: str, value: object) -> str:
    if not isinstance(value, str) or value not in topology.region_names:
        allowed = ", ".join(topology.region_names)
        raise RequestInvalidError(f"{field}: got {value!r}; name a region of {topology.name}, one of: {allowed}")
    return value


def _databases(
    machine: Machine, wanted: list[Any] | None, topology: Topology, records: Sequence[DatabaseRecord], subject: str
) -> tuple[str, ...]:
    """Return what the request is about; databases that belong together come along."""
    if machine is Machine.FAILBACK:
        possible = {each.name for each in records if subject in each.diverged}
    else:
        possible = {each.name for each in records if each.writer == subject}
    if wanted is None:
        return tuple(each.name for each in topology.databases if each.name in possible)
    together = topology.moves_with(map(str, wanted))
    strangers = [name for name in together if name not in possible]
    if strangers:
        what = "whose copy there has diverged" if machine is Machine.FAILBACK else f"that {subject} writes"
        such = ", ".join(sorted(possible)) or "none"
        raise RequestInvalidError(f"databases: {', '.join(strangers)}: not a database {what}; such are: {such}")
    return together


def _target(topology: Topology, value: object, subject: str, databases: Sequence[str]) -> str:
    target = _region(topology, "target", value)
    if target == subject:
        raise RequestInvalidError(f"target: got {target!r}, which is the subject; name the region that shall take over")
    for name in databases:
        database = topology.database(name)
        if not database.may_be_in(topology.region(target).zone):
            lawful = [
                each for each in database.regions if database.may_be_in(topology.region(each).zone) and each != subject
            ]
            raise RequestInvalidError(
                f"target: {target} is in zone {topology.region(target).zone}, and {name} may not leave "
                f"{database.zone}; one of: {', '.join(lawful)}"
            )
        if target not in database.regions:
            allowed = ", ".join(each for each in database.regions if each != subject)
            raise RequestInvalidError(f"target: {target} holds no copy of {name}; one of: {allowed}")
    return target


def _refuse_stale_epochs(believed: object, records: Sequence[DatabaseRecord]) -> None:
    current = {each.name: each.epoch for each in records}
    if not isinstance(believed, Mapping):
        raise RequestInvalidError(f'epochs: got {believed!r}; a mapping, as in {{"orders": 3}}')
    for name, epoch in believed.items():
        if name not in current:
            raise RequestInvalidError(f"epochs: {name!r}: unknown; one of: {', '.join(sorted(current))}")
        if epoch != current[name]:
            raise RequestInvalidError(
                f"epochs: {name}: got {epoch!r}, and its epoch is {current[name]}: its writer has changed since you "
                "looked; look again before you ask"
            )


def _flag(document: Mapping[str, Any], field: str, *, default: bool) -> bool:
    value = document.get(field, default)
    if not isinstance(value, bool):
        raise RequestInvalidError(f"{field}: got {value!r}; true or false")
    return value
