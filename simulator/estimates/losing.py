"""The disaster that is estimated where no other is asked for: the primary region is lost and stays lost."""

from random import Random
from typing import Final

from failover.topology import Automation, Topology
from rehearsal.form import Scenario, parse_scenario

EARLIEST_SECONDS: Final = 20.0
MINUTE_SECONDS: Final = 60.0
"""Probers, guards and ticks go by the minute: the loss falls anywhere in one."""

LONGEST_SECONDS: Final = 1500.0
"""A product that is not served after so long is not served by itself."""

WRITES_PER_SECOND: Final = 2.0
"""Of each client group: a recovery is measured to half a second by it."""


def losing_the_primary(topology: Topology, seed: int) -> Scenario:
    """Return the scenario of one play: nothing else breaks, and it ends when everybody is served.

    Automation that asks a person is played as if it asked nobody, since how long people take is not reckoned.
    """
    lost = topology.primary.name
    others = [each for each in topology.region_names if each != lost]
    chance = Random(f"{seed}/losing")  # noqa: S311 - repeatable, and nothing to guess
    at = EARLIEST_SECONDS + MINUTE_SECONDS * chance.random()
    served = {"writer": others, "served": True, "incident": "closed"} if others else {"served": True}
    return parse_scenario(
        {
            "proves": f"how soon {topology.name} is served again without {lost}",
            "timings": {"automation": Automation.AUTOMATIC.value},
            "load": {"writes_per_second": WRITES_PER_SECOND},
            "steps": [
                {"at": f"{at:.3f}s", "fault": {"region_down": lost}, "mark": "lost"},
                {"by": f"{LONGEST_SECONDS:g}s", "after": "lost", "expect": served},
            ],
        },
        name=f"losing-{lost}",
    )
