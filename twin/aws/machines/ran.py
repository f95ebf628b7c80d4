"""How the executions of all regions stand, as MiniStack's tables have them."""

import json
from dataclasses import dataclass

from ministack.services import stepfunctions


@dataclass(frozen=True, slots=True)
class Ran:
    """An execution as it stands; ``error`` is what it ended with, if it did not succeed.

    ``dry_run`` says that its input asked for nothing but a plan.
    """

    arn: str
    status: str
    error: str | None
    dry_run: bool = False

    @property
    def region(self) -> str:
        """Where it runs: arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME."""
        return self.arn.split(":")[3]

    @property
    def machine(self) -> str:
        """The name of its state machine, as it is deployed."""
        return self.arn.split(":")[6]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.arn.split(":", 7)[7]


def started() -> list[Ran]:
    """Return every execution that was ever started, the oldest first."""
    found = sorted(stepfunctions._executions._data.values(), key=lambda execution: str(execution["startDate"]))
    return [
        Ran(each["executionArn"], each["status"], each.get("error") or None, _is_dry(each.get("input")))
        for each in found
    ]


def _is_dry(given: str | None) -> bool:
    document = json.loads(given or "{}")
    return isinstance(document, dict) and document.get("dry_run") is True
