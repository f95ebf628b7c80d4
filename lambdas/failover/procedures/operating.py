"""What operators say to the control plane: each is an item in the store and a line in the journal."""

from dataclasses import replace
from datetime import timedelta

from failover.ports import Ports
from failover.procedures.changing import change_control
from failover.records import Consent, JournalEntry, Pause


def consent(ports: Ports, database: str, by: str, reason: str) -> Consent:
    """Record that a database may be promoted although its loss bound is over the RPO; ``KeyError`` if unknown."""
    ports.store.database(database)
    given = Consent(database, by, reason, ports.clock.now())
    ports.store.record_consent(given)
    _tell(ports, "CONSENT", f"{by} consents to losing data of {database}: {reason}", database)
    return given


def pause(ports: Ports, by: str, reason: str, lasts: timedelta) -> Pause:
    """Stop all automatic action for a while; detection goes on and the pause expires by itself."""
    ordered = Pause(reason, ports.clock.now() + lasts)
    change_control(ports, lambda control: replace(control, pause=ordered))
    _tell(ports, "PAUSED", f"{by} paused until {ordered.until:%Y-%m-%d %H:%M:%S} UTC: {reason}")
    return ordered


def resume(ports: Ports, by: str) -> None:
    """End a pause."""
    change_control(ports, lambda control: replace(control, pause=None))
    _tell(ports, "RESUMED", f"{by} resumed")


def _tell(ports: Ports, kind: str, text: str, database: str | None = None) -> None:
    ports.store.append(JournalEntry(ports.clock.now(), ports.here, kind, text, database=database))
