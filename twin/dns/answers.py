"""What the zones answer to a question: aliases followed, CNAMEs chased, names that are not there said so."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from twin.dns.policies import choose
from twin.dns.records import RecordSet, Zone, canonical

MOST_HOPS: Final = 16
ALIAS_TO_AWS_TTL: Final = 60
"""An alias to a load balancer or another AWS resource is answered with 60 s, whatever one wants."""


@dataclass(frozen=True, slots=True)
class Line:
    """One resource record: owner, type, TTL in seconds, and its data in zone-file form."""

    name: str
    type: str
    ttl_seconds: int
    value: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: DNS's name for its outcome, the records, and the SOA of a zone that says no."""

    outcome: str
    lines: tuple[Line, ...] = ()
    soa: Line | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The IPv4 addresses in it."""
        return tuple(line.value for line in self.lines if line.type == "A")


@dataclass(frozen=True, slots=True)
class OwnedByAws:
    """A name that AWS owns: its addresses, none when there is no such resource."""

    addresses: tuple[str, ...]
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Where answers come from; each is asked anew for every question.

    ``health`` tells a health check's status by id, ``aws`` answers for AWS's own names (``None``: not one),
    ``target_health`` tells whether an AWS resource that an alias evaluates has a healthy target. ``near`` gives the
    region of AWS whose place on the map is that of a client's own.
    """

    zones: Callable[[], Sequence[Zone]]
    health: Callable[[str], bool]
    aws: Callable[[str], OwnedByAws | None] = lambda _: None
    target_health: Callable[[str], bool] = lambda _: True
    near: Callable[[str], str] = str


class Answers:
    """Answers questions from sources; ``chance`` draws among weights and values."""

    def __init__(self, sources: Sources, chance: random.Random | None = None) -> None:
        self._sources = sources
        self._chance = chance or random.Random()  # noqa: S311  (draws by weight, keeps no secret)

    def reply(self, name: str, kind: str, client: str) -> Reply:
        """Answer a question from a client near the region ``client``.

        ``REFUSED`` is said of names in no zone of ours, as Route 53's servers do.
        """
        zones, name, client = self._sources.zones(), canonical(name), self._sources.near(client)
        lines: list[Line] = []
        for _ in range(MOST_HOPS):
            owned = self._sources.aws(name)
            if owned is not None:
                found = [Line(name, "A", owned.ttl_seconds, each) for each in owned.addresses if kind == "A"]
                return Reply("NOERROR" if owned.addresses else "NXDOMAIN", (*lines, *found))
            zone = _zone_of(zones, name)
            if zone is None:
                return Reply("NOERROR" if lines else "REFUSED", tuple(lines))
            owner = zone.owner(name)
            if owner is None:
                return Reply("NXDOMAIN", tuple(lines), _soa(zone))
            cnames = () if kind == "CNAME" else zone.group(owner, "CNAME")
            found = self._lines(zones, name, cnames or zone.group(owner, kind), client)
            if not found:
                return Reply("NOERROR", tuple(lines), _soa(zone))
            lines += found
            if not cnames:
                return Reply("NOERROR", tuple(lines))
            name = canonical(found[-1].value)
        return Reply("SERVFAIL", tuple(lines))

    def _lines(self, zones: Sequence[Zone], name: str, group: Sequence[RecordSet], client: str) -> list[Line]:
        """Return the chosen records of a group, each with ``name`` as its owner."""
        lines: list[Line] = []
        for _ in range(MOST_HOPS):
            if not group:
                return []
            chosen = choose(group, client, lambda record: self._healthy(zones, record), self._chance)
            followed: Sequence[RecordSet] = ()
            for record in chosen:
                if record.alias is None:
                    lines += [Line(name, record.type, record.ttl_seconds, value) for value in record.values]
                    continue
                owned = self._sources.aws(record.alias.name)
                if owned is not None:
                    addresses = owned.addresses if record.type == "A" else ()
                    lines += [Line(name, "A", ALIAS_TO_AWS_TTL, each) for each in addresses]
                    continue
                followed = _group_of(zones, record.alias.name, record.type)
            if lines or not followed:
                return lines
            group = followed
        return []

    def _healthy(self, zones: Sequence[Zone], record: RecordSet, hops: int = 0) -> bool:
        """Tell whether a record set may be answered.

        Without a health check, and without a target to evaluate, it always may. A target of several record
        sets is healthy while one of them is.
        """
        if record.health_check and not self._sources.health(record.health_check):
            return False
        if record.alias is None or not record.alias.evaluate_target_health or hops > MOST_HOPS:
            return True
        target = record.alias.name
        owned = self._sources.aws(target)
        if owned is not None:
            return bool(owned.addresses) and self._sources.target_health(target)
        return any(self._healthy(zones, each, hops + 1) for each in _group_of(zones, target, record.type))


def _zone_of(zones: Sequence[Zone], name: str) -> Zone | None:
    holding = [zone for zone in zones if zone.holds(name)]
    return max(holding, key=lambda zone: len(zone.name), default=None)


def _group_of(zones: Sequence[Zone], name: str, kind: str) -> tuple[RecordSet, ...]:
    zone = _zone_of(zones, name)
    owner = zone.owner(name) if zone else None
    return zone.group(owner, kind) if zone and owner else ()


def _soa(zone: Zone) -> Line | None:
    """Return the SOA for a negative answer; it is kept for the lesser of its TTL and its minimum (RFC 2308)."""
    group = zone.group(zone.name, "SOA")
    if not group:
        return None
    line = Line(zone.name, "SOA", group[0].ttl_seconds, group[0].values[0])
    return replace(line, ttl_seconds=min(line.ttl_seconds, int(line.value.split()[-1])))
