"""What goes through a gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ORIGIN = "X-Edge"
"""Says where an answer is from: ``region``, ``cache``, ``stale`` (older than it should be), or ``queue``."""

KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told to who asked."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def told(self, **headers: str) -> "Answer":
        """Return it with more headers; an underscore is written as a hyphen."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(self.status, self.body, {**self.headers, **more})


@dataclass(frozen=True, slots=True)
class Write:
    """A change that is to reach the region, once by its key."""

    key: str
    method: str
    path: str
    body: bytes
    content_type: str


class OutOfReachError(Exception):
    """The region did not answer, or answered that it cannot for now."""


Send = Callable[[str, str, bytes | None, Mapping[str, str]], Answer]
"""Method, path, body and headers to the region's answer.

Raises:
    OutOfReachError: it cannot be asked, or does not serve for now.
"""
