"""A client's resolver: it keeps an answer for as long as its TTL says, and no longer.

That is what makes a client go on to a dead region after DNS has changed, so every client has its own and
reports what it holds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

QUERY_SECONDS: Final = 2.0
QUERY_TRIES: Final = 2


class ResolutionError(Exception):
    """The name cannot be resolved now."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """One answer: addresses (empty when there are none), its chain of CNAMEs, and its time to live."""

    name: str
    addresses: tuple[str, ...]
    ttl_seconds: int
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer in the cache; ``until`` is in the resolver's own time."""

    resolution: Resolution
    until: float


Ask = Callable[[str], Resolution]


class CachingResolver:
    """Resolves names for one client; not for several threads.

    ``now`` counts seconds and never goes back. The whole chain is kept for its least TTL, negative answers
    for their SOA's. A name whose server does not answer is not served stale.
    """

    def __init__(self, ask: Ask, now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._kept: dict[str, Kept] = {}

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return a name's addresses, from the cache while it holds.

        Raises:
            ResolutionError: the name has no address, or the server did not answer.
        """
        kept = self._kept.get(name)
        if kept is None or kept.until <= self._now():
            asked_at = self._now()
            answer = self._ask(name)
            kept = self._kept[name] = Kept(answer, asked_at + answer.ttl_seconds)
        if not kept.resolution.addresses:
            raise ResolutionError(f"{name}: no such name, or it has no address")
        return kept.resolution.addresses

    def cached(self) -> tuple[Kept, ...]:
        """Return what is held now and until when."""
        return tuple(kept for kept in self._kept.values() if kept.until > self._now())

    def flush(self) -> None:
        """Forget everything, as a restarted client does."""
        self._kept.clear()


def ask_server(server: tuple[str, int], source: str | None = None) -> Ask:
    """Return a question to a DNS server over UDP (TCP when truncated), from a source address.

    The source address is what Route 53's policies take for the client's place.
    It raises ``ResolutionError`` when two tries of two seconds get no answer, or a failure.
    """

    def ask(name: str) -> Resolution:
        query = dns.message.make_query(name, "A")
        for _ in range(QUERY_TRIES):
            try:
                response, _over_tcp = dns.query.udp_with_fallback(
                    query, server[0], QUERY_SECONDS, server[1], source=source
                )
            except (dns.exception.DNSException, OSError):
                continue
            if response.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                raise ResolutionError(f"{name}: the DNS server said {dns.rcode.to_text(response.rcode())}")
            return _resolution(name, response)
        raise ResolutionError(f"{name}: no answer from the DNS server at {server[0]}:{server[1]}")

    return ask


def _resolution(name: str, response: dns.message.Message) -> Resolution:
    result = response.resolve_chaining() if isinstance(response, dns.message.QueryMessage) else None
    if result is None:
        raise ResolutionError(f"{name}: the DNS server sent something that is no answer")
    chain = tuple(str(item.target).rstrip(".") for cname in result.cnames for item in cname)
    found = tuple(item.address for item in result.answer) if result.answer else ()
    return Resolution(name, found, result.minimum_ttl, chain)
