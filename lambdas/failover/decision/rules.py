"""The decision table: ordered rows, ids never used twice, the first row that matches speaks."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from failover.decision.facts import Facts
from failover.decision.snapshot import Quorum
from failover.topology import Automation


class Action(StrEnum):
    """What a decision asks for. ``ASK`` opens an incident that waits for consent before its point of no return."""

    HOLD = "HOLD"
    PAGE = "PAGE"
    ASK = "ASK"
    RESUME = "RESUME"
    FAIL_OVER = "FAIL_OVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A row's conditions: ``None`` means that the column does not matter."""

    incident_open: bool | None = None
    incident_unjoined: bool | None = None
    paused: bool | None = None
    quorum: Quorum | None = None
    served_elsewhere: bool | None = None
    dwell_elapsed: bool | None = None
    cooling_down: bool | None = None
    automation: Automation | None = None
    target_exists: bool | None = None
    within_rpo: bool | None = None
    consented: bool | None = None

    def hold(self, facts: Facts) -> bool:
        """Whether every column that matters has the value asked for."""
        return all(getattr(self, each.name) in (None, getattr(facts, each.name)) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    id: str
    reason: str
    action: Action
    when: Conditions = Conditions()


RULES: Final = (
    Rule(
        "R105",
        "this region opened an incident whose execution never began",
        Action.RESUME,
        Conditions(incident_unjoined=True),
    ),
    Rule("R110", "an incident is open already", Action.HOLD, Conditions(incident_open=True)),
    Rule("R120", "operators paused the control plane", Action.HOLD, Conditions(paused=True)),
    Rule("R210", "too few observers can see", Action.HOLD, Conditions(quorum=Quorum.UNKNOWN)),
    Rule("R220", "the observers disagree", Action.HOLD, Conditions(quorum=Quorum.SPLIT)),
    Rule("R230", "the region is up", Action.HOLD, Conditions(quorum=Quorum.UP)),
    Rule("R240", "its traffic and its databases are elsewhere already", Action.HOLD, Conditions(served_elsewhere=True)),
    Rule("R250", "not down for the whole dwell time", Action.HOLD, Conditions(dwell_elapsed=False)),
    Rule("R260", "automation only observes", Action.PAGE, Conditions(automation=Automation.OBSERVE)),
    Rule("R270", "a person must approve", Action.PAGE, Conditions(automation=Automation.APPROVE)),
    Rule("R280", "the last failover is too recent", Action.PAGE, Conditions(cooling_down=True)),
    Rule("R310", "nothing that is up may take over", Action.PAGE, Conditions(target_exists=False)),
    Rule(
        "R320",
        "the best replica is behind its recovery point objective",
        Action.ASK,
        Conditions(within_rpo=False, consented=False),
    ),
    Rule(
        "R325",
        "down for the whole dwell time; an operator consented to the loss",
        Action.FAIL_OVER,
        Conditions(within_rpo=False, consented=True),
    ),
    Rule("R330", "down for the whole dwell time", Action.FAIL_OVER, Conditions(dwell_elapsed=True)),
    Rule("R900", "nothing to do", Action.HOLD),
)
