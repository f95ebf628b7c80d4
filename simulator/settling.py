"""What a schedule comes to when nothing is broken any more: whether all is well, or somebody was called."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from failover.records import Health, IncidentState, Vote
from rehearsal.facts import ExecutionState
from rehearsal.history import Page
from simulator.checking import Ending, StandingIncident, good_end
from simulator.world.alarms import LEASE_REFUSED
from simulator.world.clocks import BEGINNING
from simulator.world.world import World

LOOK_SECONDS: Final = 5.0
"""How often in the quiet period it is looked whether all is well."""

QUIET_SECONDS: Final = 240.0
"""The longest quiet period: takeovers, waits and retries are over by then, whoever waits for people has paged."""

SETTLES_SECONDS: Final = 60.0
"""For so long an end is no end while observers blame a region, or a promotion is under way."""

SERVED_SECONDS: Final = 5.0
"""A group whose write was acknowledged so lately is served."""

OF_ALARMS: Final = ("ALARM", "OK")
"""How pages of alarms begin: that a function was silent is no page about what broke."""

SAYS_WHY: Final = f'{LEASE_REFUSED}" in '
"""The one alarm that is: it says whose lease no write passes under."""


class Settling:
    """Looks at a world in its quiet period; ``served`` says when each group last had a write acknowledged."""

    def __init__(self, world: World, served: Mapping[str, float]) -> None:
        self._world, self._served = world, served

    def trouble(self, healed_at: float) -> str:
        """Why this is no good end yet; also while anybody is still at work, since it may become none."""
        now = self._world.kernel.now
        running, last = self._running(), now >= healed_at + QUIET_SECONDS - LOOK_SECONDS
        if running and not self._waits and not last:
            return f"{running[0]} is at work"
        if self._world.control.untold and not last:
            return "nobody has been told how an incident ended"
        if now < healed_at + SETTLES_SECONDS and self._is_unsettled():
            return "observers are about to find something"
        overdue = running if last and not self._waits and not self._waits_for_a_copy() else []
        return good_end(self._ending(healed_at, overdue)) or ""

    def _running(self) -> list[str]:
        return [each.name for each in self._world.executions.all if each.state is ExecutionState.RUNNING]

    def _waits_for_a_copy(self) -> bool:
        """Whether a copy that is to rejoin is always further behind than its database allows.

        Nobody can end that but people, whom an alarm on the lag tells (``replica-behind``), and it may take hours.
        """
        for record in self._world.records:
            database = self._world.topology.database(record.name)
            least = self._world.topology.lease.lease_seconds
            for region in record.diverged:
                copy = self._world.copies[record.name, region]
                if copy.in_recovery and least + copy.lag_seconds + copy.extra_lag_seconds > database.rpo_seconds:
                    return True
        return False

    def _is_unsettled(self) -> bool:
        """Whether something is under way of which nobody can know yet what comes of it."""
        world = self._world
        blamed = any(
            vote.health is not Health.HEALTHY and vote.subject not in world.control.evacuated
            for vote in world.table.peek_all(Vote)
        )
        return blamed or world.promotions.is_busy

    @property
    def may_run_on(self) -> bool:
        """Whether an execution that has not ended is no fault: it waits for people, or an incident is worked on."""
        return self._waits or self._world.control.incident is not None

    @property
    def _waits(self) -> bool:
        """Whether an execution may rightly run on: it waits for somebody who was told."""
        incident = self._world.control.incident
        return self._is_paused or (incident is not None and incident.state is not IncidentState.OPEN)

    @property
    def _is_paused(self) -> bool:
        pause = self._world.control.pause
        return pause is not None and pause.until > BEGINNING + timedelta(seconds=self._world.kernel.now)

    def _ending(self, healed_at: float, overdue: Sequence[str]) -> Ending:
        world, now = self._world, self._world.kernel.now
        incident, running, standing = world.control.incident, self._running(), None
        if incident is not None:
            name = (incident.execution or "").rsplit(":", 1)[-1]
            told = (incident.opened_at - BEGINNING).total_seconds()  # by its opener's clock, which may be ahead
            opened_at = min([told, *(each.began for each in world.executions.all if each.name == name)])
            worked_on = name in running
            standing = StandingIncident(incident.id, incident.state, opened_at, worked_on)
        users, late = list(world.outside.clients.groups), now - SERVED_SECONDS
        return Ending(
            writers={each.name: each.writer for each in world.records},
            open_gates={
                each.name: [
                    region for (name, region), copy in world.copies.items() if name == each.name and copy.open()
                ]
                for each in world.records
            },
            users=users,
            served=[each for each in users if self._served.get(each, float("-inf")) > late],
            incident=standing,
            paused=self._is_paused,
            paged_at=_paged_at(world.recorder.pages, now),
            broke_at=healed_at,  # a page of before was about what is mended by now
            running=running,
            overdue=overdue,
        )


def _paged_at(pages: Iterable[Page], now: float) -> list[float]:
    """Return when somebody was paged about what is broken; an alarm that says why stands until it is taken back."""
    found, standing = [], set[str]()
    for page in pages:
        state, _, alarm = page.subject.partition(": ")
        if state not in OF_ALARMS:
            found.append(page.at)
        elif SAYS_WHY in alarm:
            (standing.add if state == OF_ALARMS[0] else standing.discard)(alarm)
    return [*found, *(now for _ in standing)]
