"""What the player saw change from one look at a stage to the next, and what it did itself.

A look is due four times a second, so a change is seen at most that much late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from failover.records import IncidentState
from rehearsal.facts import Facts, Gate, writers
from rehearsal.form.faults import Fault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sighted(Generic[T]):
    """From ``at`` on, ``of`` was seen to be ``value``."""

    at: float
    of: str
    value: T


Change = Sighted[bool] | Sighted[Gate] | Sighted[tuple[str, ...]] | Sighted[IncidentState | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A fault, from when on it was being applied, when that was done, and when it was healed."""

    fault: Fault
    at: float
    done_at: float
    healed_at: float | None = None


@dataclass(slots=True)
class Trace:
    """Changes in the order in which they were seen, the first look included.

    ``up`` is by region, ``gates`` by ``database/region``, ``writing`` by database (empty: nobody), ``answers``
    by client group, ``incident`` the state of the open one (``None``: none is open).
    """

    up: list[Sighted[bool]] = field(default_factory=list)
    gates: list[Sighted[Gate]] = field(default_factory=list)
    writing: list[Sighted[tuple[str, ...]]] = field(default_factory=list)
    answers: list[Sighted[tuple[str, ...]]] = field(default_factory=list)
    incident: list[Sighted[IncidentState | None]] = field(default_factory=list)
    faults: list[Broken] = field(default_factory=list)

    def saw(self, facts: Facts) -> list[Change]:
        """Note what differs from the last look, and return it."""
        gates = {
            f"{database}/{region}": copy.gate
            for database, copies in facts.databases.items()
            for region, copy in copies.items()
        }
        return [
            *_note(self.up, facts.up, facts.at),
            *_note(self.gates, gates, facts.at),
            *_note(self.writing, {name: writers(facts, name) for name in facts.databases}, facts.at),
            *_note(self.incident, {"incident": facts.incident}, facts.at),
            *_note(self.answers, {name: group.answers for name, group in facts.groups.items()}, facts.at),
        ]

    def broke(self, fault: Fault, at: float, done_at: float) -> None:
        """Note that a fault was applied."""
        self.faults.append(Broken(fault, at, done_at))

    def mended(self, fault: Fault, at: float) -> None:
        """Note that a fault was healed."""
        self.faults = [
            replace(each, healed_at=at) if each.fault == fault and each.healed_at is None else each
            for each in self.faults
        ]

    @property
    def standing(self) -> list[Fault]:
        """The faults that are not healed."""
        return [each.fault for each in self.faults if each.healed_at is None]

    @property
    def disturbed_at(self) -> float:
        """When something last broke or was healed; 0 when nothing was."""
        return max((max(each.done_at, each.healed_at or 0.0) for each in self.faults), default=0.0)

    def outage_before(self, moment: float) -> float | None:
        """Return when the fault began that took the service away: the earliest that stood at a moment.

        Of the faults that stand, one that can be an outage counts before one that cannot (a lag, an API).
        """
        stood = [each for each in self.faults if each.at <= moment < (each.healed_at or float("inf"))]
        outages = [each.at for each in stood if each.fault.outage]
        return min(outages or [each.at for each in stood], default=None)


def _note(seen: list[Sighted[T]], now: Mapping[str, T], at: float) -> list[Sighted[T]]:
    last = {each.of: each.value for each in seen}
    changed = [Sighted(at, of, value) for of, value in now.items() if of not in last or last[of] != value]
    seen += changed
    return changed


def spans(seen: Sequence[Sighted[T]], of: str, end: float) -> list[tuple[float, float, T]]:
    """Return from when to when one thing had which value, up to ``end``."""
    mine = [each for each in seen if each.of == of]
    ends = [each.at for each in mine[1:]] + [end]
    return [(each.at, until, each.value) for each, until in zip(mine, ends, strict=True)]
