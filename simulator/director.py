"""Does what a scenario says, each step in its moment: at a time, after a mark, or upon an event."""

from collections.abc import Callable

from rehearsal.form import Event, Scenario, Step, When
from simulator.hearing import Hearing
from simulator.operations import Operations
from simulator.world.world import World


class Director:
    """The acting steps of one scenario; what it expects is judged elsewhere.

    An event is heard in the moment in which it happens, so that a fault can stand between any two of them. ``ends_at``
    is the last moment that is known of now.
    """

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world, self._operations = world, Operations(world)
        self._acting = [step for step in scenario.steps if step.when is When.AT and step.words is None]
        self._awaited: dict[Event, list[Step]] = {}
        self._marked: dict[str, list[Step]] = {}
        self._hearing: Hearing | None = None
        self._zero = 0.0
        self.ends_at = 0.0
        self.done: list[tuple[float, Step]] = []

    def begin(self) -> None:
        """Second 0 is now."""
        self._zero = self._world.kernel.now
        for step in self._acting:
            if step.upon is not None:
                self._awaited.setdefault(step.upon, []).append(step)
            elif step.after is not None:
                self._marked.setdefault(step.after, []).append(step)
            else:
                self._plan(step, self._zero)
        self._hearing = Hearing(self._awaited, self._came)
        for event in self._awaited:
            self._world.kernel.now_or_later(event.by, self._giving_up(event))
            self.ends_at = max(self.ends_at, self._zero + event.by)

    def heard(self, kind: str, name: str, region: str) -> None:
        """As ``hearing.Listener``; what happens before second 0 counts for nothing."""
        if self._hearing is not None:
            self._hearing.heard(kind, name, region)

    def _giving_up(self, event: Event) -> Callable[[], None]:
        return lambda: self._came(event)

    def _came(self, event: Event) -> None:
        for step in self._awaited.pop(event, []):
            self._plan(step, self._world.kernel.now)

    def _plan(self, step: Step, since: float) -> None:
        kernel, due = self._world.kernel, since + step.seconds
        self.ends_at = max(self.ends_at, due)
        kernel.now_or_later(due - kernel.now, lambda: self._do(step))

    def _do(self, step: Step) -> None:
        now = self._world.kernel.now
        self.done.append((now - self._zero, step))
        if step.fault is not None:
            self._world.faults.apply(step.fault)
        elif step.heal == "all":
            self._world.faults.heal_all()
        elif step.heal is not None and not isinstance(step.heal, str):
            self._world.faults.heal(step.heal)
        elif step.operator is not None:
            self._operations.begin(step.operator, lambda _refused: None)
        if step.mark is not None:
            for waiting in self._marked.pop(step.mark, []):
                self._plan(waiting, now)
