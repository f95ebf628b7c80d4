"""The invariants by their numbers. Each says how much it had to look at: an invariant of nothing proves nothing."""

from collections.abc import Callable, Iterable
from typing import Final

from failover.invariants import evidence, keeping, ownership, writers
from failover.invariants.chronicle import Chronicle, Verdict

Complaints = Callable[[Chronicle], tuple[int, Iterable[str]]]

INVARIANTS: Final[dict[str, tuple[str, Complaints]]] = {
    "I1": ("one writer", writers.one_writer),
    "I2": ("revoked first", writers.revoked_first),
    "I3": ("no silent loss", writers.no_silent_loss),
    "I4": ("lawful", ownership.lawful),
    "I5": ("never empty", ownership.never_empty),
    "I6": ("evidence", evidence.evidence),
    "I7": ("once", ownership.once),
    "I8": ("independence", ownership.independence),
    "I9": ("ends", evidence.ends),
    "I10": ("forward", writers.forward),
    "I11": ("closed", writers.closed),
    "I12": ("calm", evidence.calm),
    "I13": ("told", evidence.told),
    "I14": ("kept", keeping.kept),
    "I15": ("one active", keeping.one_active),
    "I16": ("whole", writers.whole),
}


def check(chronicle: Chronicle) -> dict[str, Verdict]:
    """Return each invariant's verdict over a chronicle."""
    verdicts = {}
    for number, (name, complaints) in INVARIANTS.items():
        checked, found = complaints(chronicle)
        why = "; ".join(found)
        verdicts[f"{number} {name}"] = Verdict(not why, checked, why)
    return verdicts
