"""What a scenario is played on: the twin in real time, the simulator in virtual time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from failover.topology import Topology
from rehearsal.facts import Facts
from rehearsal.form.events import Event
from rehearsal.form.faults import Fault
from rehearsal.form.operations import Operation
from rehearsal.form.scenario import Scenario
from rehearsal.history import History


class Stage(Protocol):
    """A deployed topology with its workload and clients, warmed up and healthy when the play begins.

    Whoever makes a stage also ends it, whatever happens: the player never does.
    """

    @property
    def topology(self) -> Topology:
        """What is deployed, with the scenario's timings applied (``with_timings``)."""

    @property
    def started_at(self) -> datetime:
        """The wall clock at second 0, in UTC."""

    @property
    def recorded_only_types(self) -> Sequence[str]:
        """The resource types that are deployed here but only recorded, not emulated; empty if that says nothing."""

    @property
    def seeds(self) -> Mapping[str, int]:
        """The seeds with which this play can be repeated, by what they seed."""

    def prepare(self, scenario: Scenario) -> None:
        """Get ready for a scenario, and watch from now on for the events upon which its steps are due.

        Raises:
            StageError: this stage cannot play a step of it; nothing has begun by then.
        """

    def moment_of(self, event: Event) -> float | None:
        """Return when an event of the scenario came, by ``now()``; ``None`` if it has not."""

    def now(self) -> float:
        """Seconds since the play began; the first call is second 0 if nothing began it before."""

    def wait_until(self, at: float) -> None:
        """Return when ``now()`` is ``at`` or later; at once when it is, and earlier when an event has come."""

    def apply(self, fault: Fault) -> None:
        """Break something, and return as soon as it is broken.

        Raises:
            StageError: this stage cannot play the fault.
        """

    def heal(self, fault: Fault) -> None:
        """Mend what exactly this fault broke; it may take the healed part some time to come back."""

    def operate(self, operation: Operation) -> None:
        """Do what an operator does, through the same doors.

        Raises:
            StageError: it was refused; the message is the refusal.
        """

    def facts(self) -> Facts:
        """Look at everything now; cheap enough to be asked four times a second of play."""

    def history(self) -> History:
        """Stop the clients, look for every acknowledged row, judge the invariants, and tell all."""


class StageError(Exception):
    """A stage could not do what the scenario asks of it."""
