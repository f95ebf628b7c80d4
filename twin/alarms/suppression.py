"""When a composite alarm does not act: its suppressor, and the two waiting times around it.

Source: "Suppressing composite alarm actions". While actions are suppressed the state goes on changing; when
suppression ends, the alarm acts on the state it has by then, if it has not acted on that one last.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from twin.alarms.states import State


class SuppressedBy(StrEnum):
    """``ActionsSuppressedBy``."""

    ALARM = "Alarm"
    WAIT_PERIOD = "WaitPeriod"
    EXTENSION_PERIOD = "ExtensionPeriod"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Where one composite alarm stands with its suppressor. Durations and moments are in seconds."""

    wait_seconds: float
    extension_seconds: float
    acted_on: State
    by: SuppressedBy | None = None
    until: float | None = None

    @property
    def reason(self) -> str | None:
        """``ActionsSuppressedReason``."""
        return f"Actions suppressed by {self.by}" if self.by else None

    def owes(self, state: State) -> bool:
        """Whether the alarm, being in that state, has to act now."""
        return self.by is None and state is not self.acted_on

    def acted(self, state: State) -> "Suppression":
        """After the alarm acted on a state."""
        return replace(self, acted_on=state)

    def when_suppressor_is(self, in_alarm: bool, now: float) -> "Suppression":  # noqa: FBT001
        """After a look at the suppressor: in alarm it suppresses, and when it goes out of it the extension runs."""
        if in_alarm:
            return replace(self, by=SuppressedBy.ALARM, until=None)
        if self.by is SuppressedBy.ALARM:
            return replace(self, by=SuppressedBy.EXTENSION_PERIOD, until=now + self.extension_seconds).at(now)
        return self.at(now)

    def when_alarm_is(self, state: State, now: float) -> "Suppression":
        """After the composite alarm changed its state: on its way to ALARM it waits for the suppressor."""
        current = self.at(now)
        if current.by is None and state is State.ALARM:
            return replace(current, by=SuppressedBy.WAIT_PERIOD, until=now + self.wait_seconds).at(now)
        return current

    def at(self, now: float) -> "Suppression":
        """With waiting times that have run out taken away."""
        if self.until is not None and now >= self.until:
            return replace(self, by=None, until=None)
        return self
