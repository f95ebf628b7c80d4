"""Route 53's health checks of the levers: who asks which control region whether a region is evacuated, and when.

As ``stacks/constructs/lever_checks.py`` makes them: for each region one inverted string match at each control region,
by three checkers that do not coordinate, and a calculated check that is healthy while all of those are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Protocol

from failover.topology import Names, Topology
from rehearsal.form.fault_kinds import Amiss, Failing, Source
from simulator.world.functions import FunctionFailed
from simulator.world.gray import Gray
from simulator.world.network import OUTSIDE, Network, NoAnswer

CHECKERS: Final = 3
INTERVAL_SECONDS: Final = 10.0

HEALTHY_SHARE: Final = 0.18
"""An endpoint passes while more than this share of the checkers say so (Route 53 Developer Guide)."""

SETTLED_SECONDS: Final = INTERVAL_SECONDS + 4.0
"""By then every checker has asked once more after the last moment at which a lever may go by what it read before."""

SAME_MOMENT: Final = 1e-6

REST_SECONDS: Final = 60.0
"""How often a check is asked by one checker while nothing has changed that its answer could depend on."""

CONNECTING_WAYS: Final = 2
ASKING_WAYS: Final = 5
"""A handshake of TCP; then two round trips of TLS 1.2, and the request."""


class Recorder(Protocol):
    """Whoever writes down what health checks say."""

    def health_flip(self, at: float, check: str, healthy: bool, region: str | None) -> None:  # noqa: FBT001 - as recorded
        """A check changed its mind; ``region`` is the one on whose records it decides, if any."""


class Invoking(Protocol):
    """The functions of every region."""

    def invoke(self, source: str, region: str, function: str, payload: Any, limit_seconds: float) -> Any:
        """Run a function; raises ``FunctionFailed`` or ``NoAnswer``."""


@dataclass(slots=True, eq=False)
class Check:
    """The check of one region at the lever of one control region.

    ``phases`` are where in the interval each checker asks; ``found`` what each last found: the token, or not.
    """

    name: str
    subject: str
    control: str
    token: str
    phases: tuple[float, ...]
    found: list[bool] = field(default_factory=lambda: [False] * CHECKERS)
    healthy: bool = True
    awake_until: float = float("-inf")
    turn: int = 0


class LeverChecks:
    """The checks of every region, begun long ago: nobody is evacuated, and everybody has said so.

    An answer depends on whether the region is evacuated in the quorum store, and on who reaches whom. While neither
    changes, asking again brings the same again, so that a check rests: only one checker asks, and seldom. ``stir`` must
    be called when something changed; then all three ask, at the moments that are theirs. What one at rest finds against
    expectation stirs as well. What would have been under way at the change, some tenths of a second, comes with the
    next question instead. With ``eager`` nobody ever rests.

    ``changed`` hears of each change that has come to the DNS servers. ``gray`` says what is amiss with the checkers of
    a control region's lever: they keep to what they found (stale), say of all regions that they are evacuated (wrong),
    or are heard later (late).
    """

    def __init__(
        self,
        topology: Topology,
        network: Network,
        functions: Invoking,
        chance: Random,
        recorder: Recorder,
        *,
        changed: Callable[[float], None] = lambda _at: None,
        gray: Gray | None = None,
        eager: bool = False,
    ) -> None:
        names = Names(topology)
        self._kernel, self._network, self._latencies = network.kernel, network, network.latencies
        self._functions, self._chance, self._recorder, self._changed = functions, chance, recorder, changed
        self._rests, self._gray = not eager, gray or Gray()
        self._calculated = {region: f"lifeboat-{topology.name}-{region}" for region in topology.region_names}
        self._checks = {
            region: [self._check(names, region, control) for control in topology.control_regions]
            for region in topology.region_names
        }
        self._healthy = dict.fromkeys(topology.region_names, True)
        self._sound = dict.fromkeys(topology.region_names, True)
        self._named: dict[str, None] = {}
        self._told_until = dict.fromkeys(topology.region_names, 0.0)

    def start(self) -> None:
        """Begin to ask."""
        for check in self.checks:
            self._schedule(check)

    def stir(self, *changed: str) -> None:
        """Ask again about regions whose evacuation was written or taken back; about none: a fault came or went.

        Then it is asked about all that were ever named here, since no lever can have another word on the others.
        """
        until = self._kernel.now + SETTLED_SECONDS
        lied_about = self._checks if any(each.what is Source.CHECKERS for each in self._gray.standing) else ()
        self._named.update(dict.fromkeys((*changed, *lied_about)))
        for region in changed or self._named:
            for check in self._checks[region]:
                rested, check.awake_until = self._kernel.now > check.awake_until, until
                if rested:
                    self._schedule(check)

    def sound(self, region: str) -> bool:
        """Whether a region's records are healthy, as far as the DNS servers know."""
        return self._sound[region]

    def healthy(self, region: str) -> bool:
        """Whether the calculated check of a region is healthy, by what its checkers last found."""
        return self._healthy[region]

    @property
    def checks(self) -> list[Check]:
        """Every check of one region at one lever."""
        return [check for checks in self._checks.values() for check in checks]

    def _check(self, names: Names, region: str, control: str) -> Check:
        phase = self._latencies.of("route53.phase")
        return Check(
            f"lifeboat-{names.topology.name}-{region}-from-{control}",
            region,
            control,
            names.lever_token(region),
            tuple(phase.draw(self._chance) for _ in range(CHECKERS)),
        )

    def _schedule(self, check: Check) -> None:
        """Have the next checker ask in its moment, whatever was to be asked before."""
        now, check.turn = self._kernel.now, check.turn + 1
        if not self._rests or now <= check.awake_until:
            moments = [_next(phase, INTERVAL_SECONDS, now) for phase in check.phases]
        else:
            moments = [_next(check.phases[0], REST_SECONDS, now)]
        at, turn = min(moments), check.turn
        checkers = [checker for checker, moment in enumerate(moments) if moment < at + SAME_MOMENT]
        self._kernel.now_or_later(at - now, lambda: self._due(check, checkers, turn))

    def _due(self, check: Check, checkers: Sequence[int], turn: int) -> None:
        if turn == check.turn:
            for checker in checkers:
                self._probe(check, checker)
            self._schedule(check)

    def _probe(self, check: Check, checker: int) -> None:
        failing = self._network.broken(OUTSIDE, check.control)
        if failing is Failing.REFUSE:
            self._seen(check, checker, found=False)
        elif failing is Failing.HANG:
            patience = self._latencies.of("route53.connect_timeout").draw(self._chance)
            self._kernel.now_or_later(patience, lambda: self._seen(check, checker, found=False))
        else:
            latencies, chance = self._latencies, self._chance
            way = latencies.of("network.outside").draw(chance)
            due = self._kernel.now + CONNECTING_WAYS * way + latencies.of("route53.response_timeout").draw(chance)
            after = (CONNECTING_WAYS + ASKING_WAYS) * way + latencies.of("lever.answer").draw(chance)
            self._kernel.actor(lambda: self._ask(check, checker, way, due), "health checker", after=after)

    def _ask(self, check: Check, checker: int, way: float, due: float) -> None:
        """The request has come to the lever; its answer must be back when it is due."""
        found = self._answers_token(check, due - self._kernel.now)
        left = due - self._kernel.now
        lost = way > left or self._network.broken(check.control, OUTSIDE) is not None
        self._kernel.now_or_later(min(way, left), lambda: self._seen(check, checker, found=found and not lost))

    def _answers_token(self, check: Check, seconds: float) -> bool:
        if seconds <= 0:
            return False
        event = {"pathParameters": {"region": check.subject}}
        try:
            answer = self._functions.invoke(check.control, check.control, "answer_lever", event, seconds)
        except (FunctionFailed, NoAnswer):
            return False
        self._kernel.sleep(self._gray.late(Source.LEVER, check.control))
        body = self._gray.told(Source.LEVER, check.control, check.subject, str(answer["body"]), wrong=lambda _body: "")
        return 200 <= answer["statusCode"] < 400 and check.token in body

    def _seen(self, check: Check, checker: int, *, found: bool) -> None:
        gray, control = self._gray, check.control
        if gray.lies(Source.CHECKERS, control, Amiss.STALE):
            return
        news, check.found[checker] = found != check.found[checker], found
        lies = gray.lies(Source.CHECKERS, control, Amiss.WRONG)
        healthy = sum(check.found) / CHECKERS <= HEALTHY_SHARE and not lies
        if news and self._kernel.now > check.awake_until:
            self.stir(check.subject)
        if healthy != check.healthy:
            check.healthy = healthy
            self._recorder.health_flip(self._kernel.now, check.name, healthy, None)
            self._calculate(check.subject, gray.late(Source.CHECKERS, control))

    def _calculate(self, region: str, late_seconds: float) -> None:
        """All of a region's checks must be healthy: one lever that says evacuated is enough."""
        healthy = all(check.healthy for check in self._checks[region])
        if healthy == self._healthy[region]:
            return
        now = self._kernel.now
        self._healthy[region] = healthy
        self._recorder.health_flip(now, self._calculated[region], healthy, region)
        # What was said later is not known earlier.
        takes = self._latencies.of("route53.propagation").draw(self._chance) + late_seconds
        known_at = max(self._told_until[region], now + takes)
        self._told_until[region] = known_at
        self._kernel.now_or_later(known_at - now, lambda: self._tell(region, healthy=healthy))

    def _tell(self, region: str, *, healthy: bool) -> None:
        self._sound[region] = healthy
        self._changed(self._kernel.now)


def _next(phase: float, period: float, now: float) -> float:
    """The first moment of a phase after now; one that is due this very moment has been."""
    at = phase + ((now - phase) // period + 1) * period
    return at if at > now + SAME_MOMENT else at + period
