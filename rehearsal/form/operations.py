"""What an operator does in the middle of a play."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from rehearsal.form.durations import Duration
from rehearsal.form.entries import EVERYWHERE, Arguments, Chosen, wrong

REASON: Final = "the scenario says so"


class OperationKind(StrEnum):
    """Every kind of operation that a scenario may name."""

    CONSENT = "consent"
    PAUSE = "pause"
    RESUME = "resume"
    APPROVAL = "approval"
    ABORT = "abort"
    SKIP = "skip"
    ACKNOWLEDGE = "acknowledge"
    HAND_PROMOTION = "hand_promotion"
    START_EXECUTION = "start_execution"
    STOP_EXECUTION = "stop_execution"
    REDRIVE = "redrive"
    VETO = "veto"
    DEPLOYING = "deploying"


def _refusal(value: Any) -> Any:
    if not isinstance(value, bool) and value != EITHER:
        raise wrong("says not whether it is refused", f"true, false, {EITHER}", "write refused: true")
    return value


EITHER: Final = "either"
"""The word for an operation of which it does not matter whether it is refused."""

Refused = Annotated[
    bool | Literal["either"], BeforeValidator(_refusal), WithJsonSchema({"enum": [True, False, EITHER]})
]


class Operation(Arguments):
    """An operator's action; with ``refused`` the scenario expects it to be refused (or ``either``), and goes on."""

    kind: ClassVar[OperationKind]
    refused: Refused = False

    def line(self) -> str:
        """Return kind and arguments in one line for people."""
        return f"{self.kind.value} {self.told()}".strip()


class Consent(Operation):
    """Consents to losing data of a database, in the quorum store and on record; or ``refuses`` to."""

    kind, shorthand = OperationKind.CONSENT, "database"
    database: str
    by: str = "operator"
    reason: str = REASON
    refuses: bool = False


class Pause(Operation):
    """Pauses the control plane; the pause ends by itself after ``for``."""

    kind, shorthand = OperationKind.PAUSE, "reason"
    reason: str = REASON
    lasting: Duration = Field(default=3600.0, alias="for")


class Resume(Operation):
    """Ends a pause."""

    kind = OperationKind.RESUME


class Approval(Operation):
    """Approves the open incident, or ``refuses`` it."""

    kind, shorthand = OperationKind.APPROVAL, "reason"
    reason: str = REASON
    refuses: bool = False


class Abort(Operation):
    """Orders that everything that the open incident did be undone; its executions go on, and obey."""

    kind, shorthand = OperationKind.ABORT, "reason"
    reason: str = REASON


class Skip(Operation):
    """Orders that a step of the open incident be left out."""

    kind, shorthand = OperationKind.SKIP, "step"
    step: str
    reason: str = REASON


class Acknowledge(Operation):
    """Says that a region's trouble is handled by hand, for a while."""

    kind, shorthand = OperationKind.ACKNOWLEDGE, "region"
    region: str
    reason: str = REASON
    lasting: Duration = Field(default=3600.0, alias="for")


class HandPromotion(Operation):
    """Promotes a copy through the database service's own API, past Lifeboat."""

    kind = OperationKind.HAND_PROMOTION
    database: str
    region: str


class StartExecution(Operation):
    """Starts a state machine by hand in a control region.

    The input is ``{"subject": …, "reason": …}`` without what is not said; what ``input`` has is added, and counts.
    """

    kind = OperationKind.START_EXECUTION
    machine: str = "failover"
    region: str
    subject: str | None = None
    reason: str = REASON
    input: dict[str, Any] = Field(default_factory=dict)


class StopExecution(Operation):
    """Stops every running execution of a state machine in a control region, through Step Functions."""

    kind, shorthand = OperationKind.STOP_EXECUTION, "region"
    region: str = EVERYWHERE
    machine: str = "failover"


class Redrive(Operation):
    """Redrives the newest execution of a state machine that ended without success, through Step Functions."""

    kind, shorthand = OperationKind.REDRIVE, "region"
    region: str = EVERYWHERE
    machine: str = "failover"


class Veto(Operation):
    """Refuses the open incident while its veto hook is being asked."""

    kind, shorthand = OperationKind.VETO, "reason"
    reason: str = REASON


class Deploying(Operation):
    """Says that a region is being changed, as a deployment does when it begins; with ``ended``, that it is over."""

    kind, shorthand = OperationKind.DEPLOYING, "region"
    region: str
    ended: bool = False


OPERATIONS: Final[dict[OperationKind, type[Operation]]] = {each.kind: each for each in Operation.__subclasses__()}

OneOperation = Annotated[Operation, Chosen("operation", OPERATIONS)]
