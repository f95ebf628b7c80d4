"""CloudWatch's alarms in each region: on what observers see, and on the silence of whatever must not be silent.

As ``stacks/constructs/observation.py``, ``heartbeat_alarm.py`` and ``promising.py`` make them. An alarm is evaluated
only while what it says could become another thing: one on silence always, another one once a breaching point came.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Protocol

from failover.topology import Names, Topology
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.fault_kinds import Amiss, Source
from simulator.world.alarm_states import State, Treatment, judge
from simulator.world.gray import Gray
from simulator.world.network import Network

SHORT_PERIOD: Final = 10.0
MINUTE: Final = 60.0

EXTRA_PERIODS: Final = 2
"""How many periods more than it needs an alarm looks back, to make up for points that are missing or late."""

SILENT_MINUTES: Final = 2
REFUSED_MINUTES: Final = 2
LEASE_REFUSED: Final = "lease-refused"

SOURCE: Final = "aws.cloudwatch"
STATE_CHANGE: Final = "CloudWatch Alarm State Change"

PutEvent = Callable[[str, str, str, Any], None]
"""Takes a region, a source, a detail type and a detail: ``Bus.put``."""


class Recorder(Protocol):
    """Whoever writes down what people were told."""

    def page(self, at: float, region: str, subject: str) -> None:
        """A page was sent."""


@dataclass(slots=True, eq=False)
class Alarm:
    """One alarm: all of ``periods`` must breach.

    ``points`` say by number of period (0 begins at second 0) whether one of it breaches. ``pages`` is whether it
    tells the pager.
    """

    name: str
    region: str
    period: float
    periods: int
    treatment: Treatment
    phase: float
    pages: bool = False
    points: dict[int, bool] = field(default_factory=dict)
    state: State = State.OK
    awake: bool = False

    def take(self, at: float, *, breaching: bool) -> None:
        """Take a point that was published for a moment."""
        number = int(at // self.period)
        self.points[number] = self.points.get(number, False) or breaching
        if len(self.points) > 2 * (self.periods + EXTRA_PERIODS):
            self._forget(number)

    def judged(self, until: float) -> State:
        """Return what the whole periods that have ended by a moment say."""
        end = int(until // self.period)
        points = [self.points.get(number) for number in range(end - self.periods - EXTRA_PERIODS, end)]
        return judge(points, self.periods, self.periods, self.treatment)

    @property
    def restless(self) -> bool:
        """Whether its state may change though nothing more comes, or more that does not breach."""
        return self.treatment is Treatment.BREACHING or self.state is State.ALARM or any(self.points.values())

    def forget_until(self, at: float) -> None:
        """Drop the points that no evaluation from this moment on looks at."""
        self._forget(int(at // self.period))

    def _forget(self, number: int) -> None:
        oldest = number - self.periods - EXTRA_PERIODS
        for old in [each for each in self.points if each < oldest]:
            del self.points[old]


class Alarms:
    """The alarms of every region; a region without power evaluates none and tells nothing.

    ``gray`` says what is amiss with those of a region: they stay as they are (stale), go off (wrong), or are heard of
    later (late); ``stir`` must be called when that begins.
    """

    def __init__(
        self,
        topology: Topology,
        network: Network,
        chance: Random,
        put_event: PutEvent,
        recorder: Recorder,
        *,
        gray: Gray | None = None,
    ) -> None:
        self._kernel, self._network, self._chance = network.kernel, network, chance
        self._put_event, self._recorder, self._gray = put_event, recorder, gray or Gray()
        self._ingestion = network.latencies.of("cloudwatch.ingestion")
        phase = network.latencies.of("cloudwatch.evaluation_phase")
        self._alarms = dict(_deployed(topology, lambda: phase.draw(chance)))

    def start(self) -> None:
        """Begin to listen for silence; what ran before has been heard until now."""
        for alarm in self._alarms.values():
            if alarm.treatment is Treatment.BREACHING:
                alarm.points.update(dict.fromkeys(range(-alarm.periods - EXTRA_PERIODS, 0), False))
                self._wake(alarm)

    def stir(self, region: str) -> None:
        """Evaluate every alarm of a region, or of all (``*``): what is amiss with them has changed."""
        for alarm in self._alarms.values():
            if region in (alarm.region, EVERYWHERE) and not alarm.awake:
                self._wake(alarm)

    def put(self, region: str, points: Sequence[tuple[str, str, float]]) -> None:
        """Take metrics that a region's functions publish: name, the region that they are about, value."""
        now = self._kernel.now
        for metric, subject, value in points:
            alarm = self._alarms.get((region, metric, subject))
            if alarm is None:
                continue
            breaching = value >= 1.0 and alarm.treatment is not Treatment.BREACHING
            alarm.take(now, breaching=breaching)
            if breaching and not alarm.awake:
                self._wake(alarm)

    def state(self, region: str, metric: str, subject: str) -> State:
        """Return what an alarm says."""
        return self._alarms[region, metric, subject].state

    def _wake(self, alarm: Alarm) -> None:
        alarm.awake = True
        left = alarm.period - (self._kernel.now - alarm.phase) % alarm.period
        self._kernel.now_or_later(left, lambda: self._evaluate(alarm))

    def _evaluate(self, alarm: Alarm) -> None:
        now = self._kernel.now
        stale = self._gray.lies(Source.ALARMS, alarm.region, Amiss.STALE)
        wrong = self._gray.lies(Source.ALARMS, alarm.region, Amiss.WRONG)
        if not stale and self._network.broken(alarm.region, alarm.region) is None:
            until = now - self._ingestion.draw(self._chance)
            state = State.ALARM if wrong else alarm.judged(until)
            if state is not alarm.state:
                previous, alarm.state = alarm.state, state
                late = self._gray.late(Source.ALARMS, alarm.region)
                self._kernel.now_or_later(late, lambda: self._tell(alarm, state, previous))
            alarm.forget_until(until)
        if alarm.restless or stale:
            self._kernel.now_or_later(alarm.period, lambda: self._evaluate(alarm))
        else:
            alarm.awake = False

    def _tell(self, alarm: Alarm, state: State, previous: State) -> None:
        if state is State.ALARM:  # the only rule on alarms asks for this state
            detail = {
                "alarmName": alarm.name,
                "state": {"value": state.value},
                "previousState": {"value": previous.value},
            }
            self._put_event(alarm.region, SOURCE, STATE_CHANGE, detail)
        if alarm.pages and state is not State.INSUFFICIENT_DATA:
            subject = f'{state.value}: "{alarm.name}" in {alarm.region}'
            self._recorder.page(self._kernel.now, alarm.region, subject)


def _deployed(topology: Topology, phase: Callable[[], float]) -> Iterator[tuple[tuple[str, str, str], Alarm]]:
    """Every alarm of a topology, by region, metric and the region that the metric is about."""
    names, policy = Names(topology), topology.policy
    dwell = max(policy.dwell_seconds, policy.database_dwell_seconds)
    periods = math.ceil(dwell / SHORT_PERIOD) + 1
    silent, seldom = (Treatment.BREACHING, SILENT_MINUTES), (Treatment.NOT_BREACHING, 1)
    for region in topology.control_regions:
        for subject in topology.region_names:
            if subject != region:
                name = f"lifeboat-{topology.name}-{subject}-unhealthy-seen-from-{region}"
                seen = Alarm(name, region, SHORT_PERIOD, periods, Treatment.MISSING, phase())
                yield (region, "RegionUnhealthy", subject), seen
        for metric, word in (("ProberHeartbeat", "prober-silent"), ("DeciderHeartbeat", "decider-silent")):
            name = f"{names.stack('control', region)}-{word}"
            yield (region, metric, region), _by_the_minute(name, region, phase(), *silent, pages=True)
    for region in sorted({place for database in topology.databases for place in database.regions}):
        # These tell the region's own topic, not the pager's.
        for metric, word, rule in (
            ("GuardHeartbeat", "guard-silent", silent),
            ("FailsafeExtended", "failsafe-extended", seldom),
            ("FailsafeRefused", "failsafe-refused", seldom),
        ):
            name = f"{names.stack('regional', region)}-{word}"
            yield (region, metric, region), _by_the_minute(name, region, phase(), *rule)
        name, rule = f"{names.stack('regional', region)}-{LEASE_REFUSED}", (Treatment.NOT_BREACHING, REFUSED_MINUTES)
        # Nothing else says so, and people are subscribed to it: it counts as a page.
        yield (region, "LeaseRefused", region), _by_the_minute(name, region, phase(), *rule, pages=True)


def _by_the_minute(
    name: str, region: str, phase: float, treatment: Treatment, periods: int, *, pages: bool = False
) -> Alarm:
    return Alarm(name, region, MINUTE, periods, treatment, phase * MINUTE / SHORT_PERIOD, pages)
