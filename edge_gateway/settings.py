"""What a gateway is told by its environment; ``manifests.edge`` writes it there from the document."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers that a gateway acts on, and where it reads, writes and listens."""

    city: str
    upstream: str
    port: int
    store: str
    fresh_seconds: int
    stale_seconds: int
    retry_seconds: int
    timeout_seconds: int
    most_queued: int
    most_cached_bytes: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Read them; a missing one is a ``KeyError`` that names it."""
        return cls(
            city=environment["EDGE_CITY"],
            upstream=environment["EDGE_UPSTREAM"],
            port=int(environment["EDGE_PORT"]),
            store=environment["EDGE_STORE"],
            fresh_seconds=int(environment["EDGE_FRESH_SECONDS"]),
            stale_seconds=int(environment["EDGE_STALE_SECONDS"]),
            retry_seconds=int(environment["EDGE_RETRY_SECONDS"]),
            timeout_seconds=int(environment["EDGE_TIMEOUT_SECONDS"]),
            most_queued=int(environment["EDGE_MOST_QUEUED"]),
            most_cached_bytes=int(environment["EDGE_MOST_CACHED_BYTES"]),
        )
