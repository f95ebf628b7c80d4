"""A schedule that violates something, made as short as it can be while it still does."""

from dataclasses import dataclass

from rehearsal.form import Load, Scenario
from simulator.campaign.playing import Order, play
from simulator.schedule import WRITES_PER_SECOND, Violation
from simulator.schedules import draw, shrunk

BUDGET = 300
"""How many shorter schedules are tried at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """A violation, the schedule in which it was found, and the shortest that was found with the same violation.

    The shortest one says the load under which it was found, so that a stage plays the same. ``ends`` is when it mends
    everything, in seconds since its second 0.
    """

    seed: int
    violation: Violation
    drawn: Scenario
    shortest: Scenario
    ends: float


def shortened(order: Order, seed: int, violation: Violation, budget: int = BUDGET) -> Found:
    """Shrink the schedule of a seed; the violation must stay of the same kind, not of the same moment."""
    drawn = draw(order.topology, seed, order.kinds)

    def breaks(scenario: Scenario) -> bool:
        outcome, _ = play(order, scenario, str(seed))
        return outcome.violation is not None and outcome.violation.what == violation.what

    shortest = shrunk(drawn, breaks, budget)
    outcome, _ = play(order, shortest, str(seed))
    assert outcome.violation is not None  # it was the last thing that was asked
    load = Load(writes_per_second=WRITES_PER_SECOND)
    return Found(seed, outcome.violation, drawn, shortest.model_copy(update={"load": load}), outcome.ends)
