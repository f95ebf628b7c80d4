"""How the executions of all regions stand, as MiniStack's tables have them."""

from dataclasses import dataclass

from ministack.services import stepfunctions


@dataclass(frozen=True, slots=True)
class Ran:
    """An execution as it stands; ``error`` is what it ended with, if it did not succeed."""

    arn: str
    status: str
    error: str | None

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
    return [Ran(each["executionArn"], each["status"], each.get("error") or None) for each in found]
