"""One version, stage after stage: put beside the live one, turned to, watched; or all of it taken back.

Everything that lasts is at the entrances themselves: which colour is live, and what version each has. So a rollout that
is begun again goes on where the last one was, whoever ran it and wherever.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cli.rollout.entrances import Entrances, EntranceUnreachableError, Others, Stage
from cli.rollout.judging import Health, judge
from topology_document.infrastructure.rollout import RolloutSection

READY_SECONDS: Final = 900
"""How long new pods may take until all of them answer."""

HELD_SECONDS: Final = 3600
"""How long an incident is waited for before the rollout is given up where it stands."""


class Outcome(StrEnum):
    """How a rollout ended. ``STOPPED`` leaves what was turned as it is: somebody else has the product in hand."""

    DONE = "done"
    TAKEN_BACK = "taken back"
    STOPPED = "stopped"


class StageFailedError(Exception):
    """The version has to be taken back: it could not be put somewhere, failed its test, or does badly."""


class _StoppedError(Exception):
    """The rollout goes no further, and nothing is taken back."""


@dataclass
class Rollout:
    """A version on its way. ``put`` brings its pods into a stage's idle colour, ``test`` tries them behind the users'
    name; both raise ``StageFailedError``. ``now`` and ``sleep`` are in seconds."""

    limits: RolloutSection
    version: str
    entrances: Entrances
    others: Others
    put: Callable[[Stage, str], None]
    test: Callable[[Stage], None]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    told: Callable[[str], None]
    turned: list[Stage] = field(default_factory=list)

    def run(self, stages: Sequence[Stage]) -> Outcome:
        """Bring the version to every stage; what breaks in one is taken back in all."""
        try:
            for stage in stages:
                self._stage(stage)
        except (_StoppedError, EntranceUnreachableError) as exc:
            # A region that is lost is the failover's affair; what its users now meet elsewhere is still watched by it.
            self.told(f"stopped: {exc}; what was turned stays, and lifeboat rollout --back takes it back")
            return Outcome.STOPPED
        except StageFailedError as exc:
            self.told(f"taking {self.version} back: {exc}")
            self.take_back(stages)
            return Outcome.TAKEN_BACK
        except BaseException:
            self.told(f"taking {self.version} back: interrupted")
            self.take_back(stages)
            raise
        return Outcome.DONE

    def take_back(self, stages: Sequence[Stage]) -> list[Stage]:
        """Lead users back wherever the version is live, the last stage first; return where that failed."""
        began, left = self.now(), list[Stage]()
        for stage in reversed(stages):
            try:
                standing = self.entrances.standing(stage)
                if standing.versions.get(standing.live) == self.version:
                    self.entrances.turn(stage, standing.live.other)
                    self.told(f"{stage}: back to {standing.live.other}")
            except EntranceUnreachableError as exc:
                # A region that cannot be asked is no reason to leave the others with a broken version.
                left.append(stage)
                self.told(f"{stage}: NOT taken back: {exc}")
        self.told(f"taken back within {self.now() - began:.0f} s" + (f", but for {len(left)}" if left else ""))
        return left

    def _stage(self, stage: Stage) -> None:
        standing = self.entrances.standing(stage)
        if standing.versions.get(standing.live) == self.version:
            self.told(f"{stage}: has {self.version} already")
        else:
            idle = standing.live.other
            self._wait_for_others(stage)
            self.put(stage, idle)
            self.entrances.name(stage, idle, self.version)
            self._until_ready(stage)
            self._wait_for_others(stage)
            self.entrances.turn(stage, idle)
            self.told(f"{stage}: users are led to {idle}, which has {self.version}")
        self.turned.append(stage)
        self.test(stage)
        self._watch(stage)

    def _until_ready(self, stage: Stage) -> None:
        idle = self.entrances.standing(stage).live.other
        until = self.now() + READY_SECONDS
        while not self.entrances.is_ready(stage, idle):
            if self.now() >= until:
                raise StageFailedError(f"{stage}: the pods of {idle} do not answer after {READY_SECONDS} s")
            self.sleep(self.limits.look_seconds)

    def _wait_for_others(self, stage: Stage) -> None:
        """Turn nothing while an incident is open: the failover counts on what stood when it was decided."""
        until = self.now() + HELD_SECONDS
        while (reason := self.others.reason_to_wait()) is not None:
            if self.now() >= until:
                raise _StoppedError(f"{stage}: {reason} for {HELD_SECONDS} s")
            self.told(f"{stage}: waiting: {reason}")
            self.sleep(self.limits.look_seconds)

    def _watch(self, stage: Stage) -> None:
        """Look at every stage that has the version until this one has been healthy for long enough.

        Time in which an incident is open, or in which nobody asked anything, proves nothing and does not count; but a
        stage without users is not waited for without end.
        """
        healthy_seconds, until = 0.0, self.now() + 4 * stage.watch_seconds
        while healthy_seconds < stage.watch_seconds:
            self.sleep(self.limits.look_seconds)
            seen = {each: self._look(each) for each in self.turned}
            if self.others.reason_to_wait() is None and seen[stage] is Health.HEALTHY:
                healthy_seconds += self.limits.look_seconds
            if self.now() >= until and healthy_seconds < stage.watch_seconds:
                raise _StoppedError(
                    f"{stage}: healthy for {healthy_seconds:.0f} s only, in {4 * stage.watch_seconds} s"
                )
        self.told(f"{stage}: healthy for {stage.watch_seconds} s")

    def _look(self, stage: Stage) -> Health:
        try:
            standing = self.entrances.standing(stage)
            if standing.versions.get(standing.live) != self.version:
                raise StageFailedError(f"{stage}: somebody has turned it to {standing.live} by hand")
            said = judge(self.entrances.figures(stage, standing.live), self.limits)
        except EntranceUnreachableError as exc:
            self.told(f"{stage}: {exc}")
            return Health.UNKNOWN
        if said.health is Health.BROKEN:
            raise StageFailedError(f"{stage}: {said.reason}")
        return said.health
