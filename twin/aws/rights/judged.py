"""Whether the call that is answered in this context is judged by its caller's rights."""

from contextvars import ContextVar
from typing import Final

JUDGED: Final[ContextVar[bool]] = ContextVar("JUDGED", default=False)


def unjudged() -> None:
    """Judge nothing from here on: what a call sets off is no call of its caller's."""
    JUDGED.set(False)
