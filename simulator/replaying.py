"""A schedule as a scenario that people can replay: with its quiet period written down, and what must come of it."""

from rehearsal.form import Load, Scenario, Step
from simulator.settling import QUIET_SECONDS

WRITES_PER_SECOND = 1.0
"""The load of a campaign's schedules; another one is another play."""

HEALED = "healed"
GOOD_ENDS = (
    {"served": True, "incident": ["none", "closed"]},
    {"paged": True},
)
"""What a quiet period comes to, in the words of drills; ``simulator.settling`` is stricter."""


def replayable(scenario: Scenario, ends: float) -> Scenario:
    """Return the scenario that is the same play on ``simulator.stage``, to be judged by what it expects.

    Args:
        scenario: a schedule's, whose steps only act.
        ends: when all was mended, in seconds since second 0; of one that did not come so far, when it was to be.
    """
    quiet = (
        {"at": f"{ends!r}s", "heal": "all", "mark": HEALED},
        {"by": f"{QUIET_SECONDS}s", "after": HEALED, "expect": {"any_of": list(GOOD_ENDS)}},
        {"at": f"{QUIET_SECONDS}s", "after": HEALED, "expect": {"invariants": "hold"}},
    )
    load = Load(writes_per_second=WRITES_PER_SECOND)
    return scenario.model_copy(update={"load": load, "steps": (*scenario.steps, *map(Step.model_validate, quiet))})
