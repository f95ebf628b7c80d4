"""What an operator does in the middle of a play."""

from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field

from rehearsal.form.durations import Duration
from rehearsal.form.entries import Arguments, Chosen


class OperationKind(StrEnum):
    """Every kind of operation that a scenario may name."""

    CONSENT = "consent"
    PAUSE = "pause"
    RESUME = "resume"
    START_EXECUTION = "start_execution"
    ABORT = "abort"


class Operation(Arguments):
    """An operator's action."""

    kind: ClassVar[OperationKind]

    def line(self) -> str:
        """Return kind and arguments in one line for people."""
        return f"{self.kind.value} {self.told()}".strip()


class Consent(Operation):
    """Consents to losing data of a database, in the quorum store and on record."""

    kind, shorthand = OperationKind.CONSENT, "database"
    database: str
    by: str = "operator"
    reason: str = "the scenario says so"


class Pause(Operation):
    """Pauses the control plane; the pause ends by itself after ``for``."""

    kind, shorthand = OperationKind.PAUSE, "reason"
    reason: str = "the scenario says so"
    lasting: Duration = Field(default=3600.0, alias="for")


class Resume(Operation):
    """Ends a pause."""

    kind = OperationKind.RESUME


class StartExecution(Operation):
    """Starts a state machine by hand in a control region, to fail over from ``subject``."""

    kind = OperationKind.START_EXECUTION
    machine: str = "failover"
    region: str
    subject: str
    reason: str = "the scenario says so"


class Abort(Operation):
    """Stops every execution of a state machine that runs in a control region."""

    kind, shorthand = OperationKind.ABORT, "region"
    region: str
    machine: str = "failover"


OPERATIONS: Final[dict[OperationKind, type[Operation]]] = {each.kind: each for each in Operation.__subclasses__()}

OneOperation = Annotated[Operation, Chosen("operation", OPERATIONS)]
