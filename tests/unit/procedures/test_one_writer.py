"""Steps in any order, repeated, lost and late, regions cut and healed, people who promote by hand: one open gate."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from failover.errors import ChangedMeanwhileError, DatabaseUnreachableError, LifeboatError
from failover.observation import LeaseWatch
from failover.ports import CopyState, Ports
from failover.procedures.choosing import choose_target
from failover.procedures.closing import close_incident, weigh_failure
from failover.procedures.commands import DatabaseCommand, IncidentCommand, Ticket
from failover.procedures.initialising import initialise
from failover.procedures.leases import await_lease, fence_source, revoke_lease
from failover.procedures.opening import open_incident
from failover.procedures.operating import consent
from failover.procedures.promotion import admit_writer, promote_database
from failover.procedures.regranting import regrant_lease
from failover.procedures.traffic import clear_evacuation, shift_traffic
from failover.records import Health, Vote
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import AgentBetween
from tests.worlds import World

REGIONS = (US, EU, AP)
fates = st.dictionaries(
    st.sampled_from(["fence", "admit", "describe"]), st.sampled_from(["hangs", "answer lost"]), max_size=2
)
left_out = st.sampled_from([None, "revoke_lease", "fence_source", "await_lease", "choose_target", "promote_database"])
LATE = DatabaseUnreachableError("no answer in time")

Steps = dict[str, Callable[["Play"], dict[str, Any]]]


class Meantime(World):
    """While a step sleeps the guards go on renewing, copies replicate with their gates, and observers look."""

    def __init__(self) -> None:
        self.watches = {region: LeaseWatch() for region in REGIONS}
        super().__init__()

    def _replicate(self) -> None:
        """Replicas follow the server that they were made from, as siblings do after a promotion."""
        source = self.copies["orders", US]
        for region in (EU, AP):
            copy = self.copies["orders", region]
            if copy.in_recovery and source.reachable and copy.reachable and not source.in_recovery:
                copy.position, copy.timeline = source.position, source.timeline
                copy.gate_epoch, copy.gate_holder = source.gate_epoch, source.gate_holder
                copy.gate_fenced, copy.gate_valid_until = source.gate_fenced, source.gate_valid_until

    def _probe(self) -> None:
        for region, watch in self.watches.items():
            if region in self.dead:
                continue
            watch.saw(self.store.database("orders"), self.clock.elapsed())
            seen = watch.sightings(self.clock.elapsed())
            self.store.cast(Vote("nowhere", region, Health.UNKNOWN, "", 1, 1, self.clock.now(), 0.0, ("a",), seen))


class Meanwhile:
    """``ports.Clock`` of an executor."""

    def __init__(self, world: Meantime) -> None:
        self.now, self.elapsed, self._run = world.clock.now, world.clock.elapsed, world.run

    def sleep(self, seconds: float) -> None:
        self._run(ceil(seconds))


class Play:
    """One execution's view: its ticket, and what its document says of the wait."""

    def __init__(self, ports: Ports, world: Meantime, ticket: Ticket, databases: tuple[str, ...]) -> None:
        self.ports, self.ticket, self.databases = ports, ticket, databases
        self.topology, self.waiting = world.topology, dict[str, Any]()

    def one(self) -> DatabaseCommand:
        return DatabaseCommand(self.topology, self.ticket, "orders", dict(self.waiting))

    def all(self) -> IncidentCommand:
        return IncidentCommand(self.topology, self.ticket, self.databases)


STEPS: Steps = {
    "shift_traffic": lambda play: shift_traffic(play.ports, play.all()),
    "revoke_lease": lambda play: revoke_lease(play.ports, play.one()),
    "fence_source": lambda play: fence_source(play.ports, play.one()),
    "await_lease": lambda play: await_lease(play.ports, play.one()),
    "choose_target": lambda play: choose_target(play.ports, play.all()),
    "promote_database": lambda play: promote_database(play.ports, play.one()),
    "admit_writer": lambda play: admit_writer(play.ports, play.one()),
    "close_incident": lambda play: close_incident(play.ports, play.all()),
}
UNDOING: Steps = {
    "regrant_lease": lambda play: regrant_lease(play.ports, play.one()),
    "clear_evacuation": lambda play: clear_evacuation(play.ports, play.all()),
}


class OneWriter(RuleBasedStateMachine):
    """A database may be promoted by anybody; it is written only where the store's lease is."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Meantime()
        self.world.run(6)
        self.plays: list[Play] = []
        self.late: list[Callable[[], CopyState]] = []
        self.fates: dict[str, str] = {}
        self.next = 0

    def ports(self, here: str) -> Ports:
        real = self.world.ports(here)
        return replace(real, agent=AgentBetween(real, self._travel), clock=Meanwhile(self.world))

    def _travel(self, call: str, ask: Callable[[], CopyState]) -> CopyState:
        fate = self.fates.pop(call, "arrives")
        if fate == "hangs":
            self.late.append(ask)
            raise LATE
        answer = ask()
        if fate == "answer lost":
            raise LATE
        return answer

    def _attempt(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        try:
            return act()
        except (LifeboatError, KeyError):
            return None

    def _step(self, play: Play, name: str) -> bool:
        answer = self._attempt(lambda: {**STEPS, **UNDOING}[name](play))
        if answer is not None and name in ("revoke_lease", "fence_source"):
            play.waiting = answer
        return answer is not None

    @rule(subject=st.none() | st.sampled_from(REGIONS), here=st.sampled_from(REGIONS))
    def open_an_incident(self, subject: str | None, here: str) -> None:
        """Most often for the writer's region."""
        ports, subject = self.ports(here), subject or self.world.store.database("orders").writer
        try:
            incident = open_incident(ports, self.world.topology, subject, "R330", "down")
        except LifeboatError:
            return
        self.plays.append(Play(ports, self.world, Ticket.of(incident), incident.databases))
        self.next = 0

    def _go_on(self, steps: int, fates: dict[str, str], left_out: str | None) -> None:
        """The newest execution takes some steps in order; its calls to the databases may be lost or hang."""
        self.fates = dict(fates)
        for _ in range(steps):
            name = list(STEPS)[min(self.next, len(STEPS) - 1)]
            if name == left_out or self._step(self.plays[-1], name):
                self.next += 1
        self.fates = {}

    @precondition(lambda self: self.plays)
    @rule(steps=st.integers(1, 10), fates=fates, left_out=left_out)
    def go_on(self, steps: int, fates: dict[str, str], left_out: str | None) -> None:
        self._go_on(steps, fates, left_out)

    @rule(here=st.sampled_from(REGIONS), fates=fates, left_out=left_out)
    def the_writers_region_is_failed_over(self, here: str, fates: dict[str, str], left_out: str | None) -> None:
        self.evacuations_are_ended()
        self.open_an_incident(None, here)
        if self.plays:
            self._go_on(12, fates, left_out)

    @precondition(lambda self: self.plays)
    @rule(data=st.data(), name=st.sampled_from([*STEPS, *UNDOING]))
    def repeat_any_step(self, data: st.DataObject, name: str) -> None:
        """A step of any execution, of an old term too, that comes late or twice."""
        self._step(data.draw(st.sampled_from(self.plays)), name)

    @precondition(lambda self: self.plays)
    @rule(fates=fates)
    def undo(self, fates: dict[str, str]) -> None:
        """As the machine does it when something failed: only before the point of no return."""
        play = self.plays[-1]
        stand = self._attempt(lambda: weigh_failure(play.ports, play.all()))
        self.fates = dict(fates)
        if stand == {"stand": "BEFORE"} and self._step(play, "regrant_lease"):
            self._step(play, "clear_evacuation")
        self.fates = {}

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def a_late_call_arrives(self, data: st.DataObject) -> None:
        ask = self.late.pop(data.draw(st.integers(0, len(self.late) - 1)))
        self._attempt(lambda: {"state": ask()})

    @precondition(lambda self: self.plays)
    @rule(here=st.sampled_from(REGIONS))
    def another_region_takes_over(self, here: str) -> None:
        control = self.world.store.control()
        if control.incident is None:
            return
        taken = replace(control.incident, owner=here, term=control.term + 1)
        try:
            self.world.store.change_control(control, replace(control, incident=taken, term=taken.term))
        except ChangedMeanwhileError:
            return
        self.plays.append(Play(self.ports(here), self.world, Ticket.of(taken), taken.databases))
        self.next = 0

    @rule(seconds=st.sampled_from([1, 4, 11, 25]))
    def time_passes(self, seconds: int) -> None:
        self.world.run(seconds)

    @rule(region=st.sampled_from(REGIONS))
    def a_region_is_cut_off(self, region: str) -> None:
        """Its copy goes on by itself: nobody reaches it, and its guard does not reach the store."""
        self.world.kill(region)

    @rule(regions=st.sets(st.sampled_from(REGIONS), min_size=1))
    def guards_lose_the_store(self, regions: set[str]) -> None:
        """They go on as long as every control region promises; who promises there may not reach the store either."""
        self.world.storeless |= regions

    @rule(here=st.sampled_from(REGIONS), regions=st.sets(st.sampled_from(REGIONS)), left_out=left_out)
    def one_that_lives_on_promises_is_failed_over(self, here: str, regions: set[str], left_out: str | None) -> None:
        """Observers have seen its lease unrenewed all the while, and its fence hangs."""
        self.guards_lose_the_store(regions | {self.world.store.database("orders").writer})
        self.world.run(25)
        self.the_writers_region_is_failed_over(here, {"fence": "hangs"}, left_out)

    @rule()
    def everything_is_back(self) -> None:
        self.world.storeless.clear()
        for region in REGIONS:
            self.world.revive(region)

    @rule(region=st.sampled_from(REGIONS))
    def somebody_promotes_by_hand(self, region: str) -> None:
        copy = self.world.copies["orders", region]
        if copy.in_recovery:
            copy.in_recovery, copy.timeline = False, copy.timeline + 1

    @rule(region=st.sampled_from(REGIONS))
    def a_copy_is_rebuilt(self, region: str) -> None:
        """From a base backup of the writer, with its gate's row and on its timeline."""
        writer = self.world.store.database("orders").writer
        copy, source = self.world.copies["orders", region], self.world.copies["orders", writer]
        if region == writer or source.in_recovery:
            return
        self.world.copies["orders", region] = replace(source, in_recovery=True, reachable=copy.reachable)

    @rule()
    def an_operator_consents(self) -> None:
        consent(self.ports(EU), self.world.topology, "orders", "on call", "the region is gone")

    @rule()
    def the_topology_is_deployed_again(self) -> None:
        self._attempt(lambda: {"done": initialise(self.ports(EU), self.world.topology)})

    @rule()
    def evacuations_are_ended(self) -> None:
        control = self.world.store.control()
        self.world.store.change_control(control, replace(control, evacuated={}))

    @invariant()
    def at_most_one_gate_is_open_and_it_is_the_writers(self) -> None:
        opened = [region for (_, region), copy in self.world.copies.items() if copy.open()]
        assert opened in ([], [self.world.store.database("orders").writer]), self.world.kinds()


OneWriter.TestCase.settings = settings(
    max_examples=400, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
TestOneWriter = OneWriter.TestCase
