"""How far an execution has come: what Step Functions keeps of it, whatever becomes of the machine that works on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class NotRedrivableError(Exception):
    """The execution cannot be redriven: it has not begun, or it has succeeded."""


@dataclass(slots=True, eq=False)
class Progress:
    """A machine's progress, or that of one branch.

    ``state`` is the state that was entered last, and ``document`` its input; after the last state the document is the
    output. ``branches`` are those of the Map or Parallel that this state is, while it is worked on.
    """

    state: str = ""
    document: Any = None
    succeeded: bool = False
    branches: "list[Progress] | None" = None
    visits: int = 0
    recorded: int = 0
    """How many events its history holds; both numbers are the whole execution's, and kept at its root."""

    @classmethod
    def at_start(cls, machine: Mapping[str, Any], document: Any) -> "Progress":
        """Return the progress of a machine that has not begun."""
        return cls(machine["StartAt"], document)

    def go_on(self, following: str | None, document: Any) -> None:
        """Stand before the next state, or at the end."""
        self.branches, self.document = None, document
        if following is None:
            self.succeeded = True
        else:
            self.state = following

    def require_redrivable(self) -> None:
        """Raise ``NotRedrivableError`` unless there is something left to do."""
        if not self.state or self.succeeded:
            stand = "has succeeded" if self.succeeded else "has not begun"
            raise NotRedrivableError(
                f"this execution {stand}; one that failed, timed out or was stopped can be redriven"
            )
