"""The control item: the incident that is open, its owner and term, and what operators ordered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class IncidentState(StrEnum):
    """Where an incident stands; a closed one is in the journal only."""

    OPEN = "OPEN"
    WAITING = "WAITING"
    HOLDING = "HOLDING"


@dataclass(frozen=True, slots=True)
class Pause:
    """Operators told the control plane to do nothing; it expires by itself."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One loss of a region, from opening to closing, owned by one control region for a term.

    ``execution`` is the one execution that joined it in this term, of the state machine ``machine``. ``beat``
    grows as long as somebody works for the term: observers see by it that the executor lives. ``target`` is the
    region that a planned move goes to. ``aborted`` and ``skipped`` are operators' orders: why everything is to be
    undone, and the steps that are to be left out. ``planned`` is kept when another machine
    goes on with a planned move. ``taken_over``: its owner is not who opened it.
    """

    id: str
    subject: str
    owner: str
    term: int
    state: IncidentState
    rule: str
    reason: str
    opened_at: datetime
    digest: str
    databases: tuple[str, ...]
    execution: str | None = None
    waiting_since: datetime | None = None
    machine: str = "failover"
    beat: int = 0
    target: str | None = None
    evacuates: bool = True
    approval: str = "NONE"
    aborted: str | None = None
    skipped: tuple[str, ...] = ()
    planned: bool = False
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How an incident ended, when and in which term, kept until people have been told: that may take hours.

    The term is 0 in an item that was written before items had it. ``finished``: somebody besides its executor has seen
    to it that the journal has its end and that its databases are steady.
    """

    subject: str
    outcome: str
    databases: tuple[str, ...]
    at: datetime
    term: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """The control item of a topology.

    ``evacuated`` names each region that gets no traffic and the incident that says so; ``closed`` is the last
    incident that ended, and ``outcome`` how, so that a step which repeats its own closing finds it done;
    ``paged`` keeps, for each region, the rules that people were last paged for, ``untold`` the incidents that ended
    and of which nobody has been told, and ``told``, for each region and who decided, the rule that the journal has
    last; no decision looks at any of them.
    """

    version: int
    term: int = 0
    pause: Pause | None = None
    incident: Incident | None = None
    evacuated: dict[str, str] = field(default_factory=dict)
    last_failover_at: datetime | None = None
    closed: str | None = None
    outcome: str | None = None
    paged: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    untold: dict[str, Ending] = field(default_factory=dict)
