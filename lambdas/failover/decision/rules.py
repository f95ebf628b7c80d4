"""The decision table: ordered rows, ids never used twice, the first row that matches speaks."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from failover.decision.facts import Facts
from failover.decision.trouble import Trouble
from failover.decision.voices import Quorum
from failover.topology import Automation


class Action(StrEnum):
    """What a decision asks for.

    ``ASK`` opens an incident that waits for a person: for approval before its first step, or for consent before its
    point of no return. ``RESUME`` and ``TAKE_OVER`` go on with the one that is open.
    """

    HOLD = "HOLD"
    PAGE = "PAGE"
    ASK = "ASK"
    RESUME = "RESUME"
    TAKE_OVER = "TAKE_OVER"
    FAIL_OVER = "FAIL_OVER"
    FAIL_OVER_DATABASE = "FAIL_OVER_DATABASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A row's conditions: ``None`` means that the column does not matter."""

    initialised: bool | None = None
    incident_open: bool | None = None
    incident_unjoined: bool | None = None
    incident_orphaned: bool | None = None
    preemptible: bool | None = None
    paused: bool | None = None
    acknowledged: bool | None = None
    maintenance: bool | None = None
    deploying: bool | None = None
    quorum: Quorum | None = None
    all_dark: bool | None = None
    trouble: Trouble | None = None
    advised: bool | None = None
    served_elsewhere: bool | None = None
    flapping: bool | None = None
    dwell_elapsed: bool | None = None
    automation: Automation | None = None
    cooling_down: bool | None = None
    target_exists: bool | None = None
    capacity_fits: bool | None = None
    within_rpo: bool | None = None
    consented: bool | None = None
    loss_refused: bool | None = None

    def hold(self, facts: Facts) -> bool:
        """Whether every column that matters has the value asked for."""
        for column in _COLUMNS:
            wanted = getattr(self, column)
            if wanted is not None and wanted != getattr(facts, column):
                return False
        return True


_COLUMNS: Final = tuple(each.name for each in fields(Conditions))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    id: str
    reason: str
    action: Action
    when: Conditions = Conditions()


_ASKABLE: Final = Conditions(
    automation=Automation.APPROVE, cooling_down=False, target_exists=True, capacity_fits=True, loss_refused=False
)
"""What a person is asked to approve must be something that can be done: else the page says why it cannot.

A refusal, or silence, begins the cool-down, so that the question is not put again with the next tick.
"""

RULES: Final = (
    Rule("R100", "nothing was initialised: nobody serves yet", Action.HOLD, Conditions(initialised=False)),
    Rule(
        "R105",
        "this region opened an incident whose execution never began",
        Action.RESUME,
        Conditions(incident_unjoined=True),
    ),
    # Above the pause: a pause stops what has not begun. Here a lease may be revoked and a promotion asked for, and
    # somebody must own what comes of it; the steps before the point of no return obey the pause by themselves.
    Rule(
        "R106",
        "the executor of the incident fell silent for its whole lease",
        Action.TAKE_OVER,
        Conditions(incident_orphaned=True),
    ),
    Rule("R110", "an incident is open already", Action.HOLD, Conditions(incident_open=True, preemptible=False)),
    Rule("R120", "operators paused the control plane", Action.HOLD, Conditions(paused=True)),
    Rule(
        "R125",
        "an operator has acknowledged it and handles it by hand",
        Action.HOLD,
        Conditions(acknowledged=True, quorum=Quorum.DOWN),
    ),
    Rule(
        "R130",
        "down in its maintenance window",
        Action.PAGE,
        Conditions(maintenance=True, quorum=Quorum.DOWN, served_elsewhere=False, dwell_elapsed=True),
    ),
    Rule(
        "R140",
        "down while it is being deployed",
        Action.PAGE,
        Conditions(deploying=True, quorum=Quorum.DOWN, served_elsewhere=False, dwell_elapsed=True),
    ),
    Rule("R210", "too few observers can see", Action.HOLD, Conditions(quorum=Quorum.UNKNOWN, all_dark=False)),
    Rule("R215", "all is dark: no region is seen to serve", Action.PAGE, Conditions(all_dark=True)),
    Rule("R220", "the observers disagree", Action.HOLD, Conditions(quorum=Quorum.SPLIT)),
    Rule(
        "R225",
        "the observers disagree which database is at fault",
        Action.PAGE,
        Conditions(quorum=Quorum.DOWN, trouble=Trouble.UNCLEAR, dwell_elapsed=True),
    ),
    Rule("R230", "the region is up", Action.HOLD, Conditions(quorum=Quorum.UP, advised=False)),
    Rule("R235", "AWS Health speaks of a region that is up", Action.PAGE, Conditions(quorum=Quorum.UP, advised=True)),
    Rule("R240", "its traffic and its databases are elsewhere already", Action.HOLD, Conditions(served_elsewhere=True)),
    Rule(
        "R242",
        "only copies that have diverged are at fault there: the machine failback brings them back",
        Action.HOLD,
        Conditions(quorum=Quorum.DOWN, trouble=Trouble.APART),
    ),
    Rule("R245", "it flaps, and is not down for long enough to tell", Action.PAGE, Conditions(flapping=True)),
    Rule("R250", "not down for the whole dwell time", Action.HOLD, Conditions(dwell_elapsed=False)),
    Rule("R260", "automation only observes", Action.PAGE, Conditions(automation=Automation.OBSERVE)),
    Rule("R270", "a person must approve (`lifeboat approve`)", Action.ASK, _ASKABLE),
    Rule("R280", "the last failover is too recent", Action.PAGE, Conditions(cooling_down=True)),
    Rule("R305", "what is at fault has no copy that could move", Action.PAGE, Conditions(trouble=Trouble.STAYS)),
    Rule("R310", "nothing that is up may take over", Action.PAGE, Conditions(target_exists=False)),
    Rule("R315", "the regions that stay cannot carry everybody", Action.PAGE, Conditions(capacity_fits=False)),
    Rule(
        "R318",
        "the best replica is behind its recovery point objective, and an operator refused the loss",
        Action.PAGE,
        Conditions(within_rpo=False, loss_refused=True),
    ),
    Rule(
        "R320",
        "the best replica is behind its recovery point objective",
        Action.ASK,
        Conditions(trouble=Trouble.REGION, within_rpo=False, consented=False),
    ),
    Rule(
        "R321",
        "a database alone is down; its best replica is behind its recovery point objective",
        Action.ASK,
        Conditions(trouble=Trouble.DATABASE, within_rpo=False, consented=False),
    ),
    Rule(
        "R325",
        "down for the whole dwell time; an operator consented to the loss",
        Action.FAIL_OVER,
        Conditions(trouble=Trouble.REGION, within_rpo=False, consented=True),
    ),
    Rule(
        "R326",
        "a database alone is down for the whole dwell time; an operator consented to the loss",
        Action.FAIL_OVER_DATABASE,
        Conditions(trouble=Trouble.DATABASE, within_rpo=False, consented=True),
    ),
    Rule(
        "R330",
        "down for the whole dwell time",
        Action.FAIL_OVER,
        Conditions(trouble=Trouble.REGION, dwell_elapsed=True),
    ),
    Rule(
        "R331",
        "a database alone is down for the whole dwell time",
        Action.FAIL_OVER_DATABASE,
        Conditions(trouble=Trouble.DATABASE, dwell_elapsed=True),
    ),
    Rule("R900", "nothing to do", Action.HOLD),
)
