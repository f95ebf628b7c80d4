"""Hosted zones and record sets as Route 53 has them, and where in a zone a question belongs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Policy(StrEnum):
    """The routing policies that the twin answers by."""

    SIMPLE = "simple"
    WEIGHTED = "weighted"
    LATENCY = "latency"
    FAILOVER = "failover"
    GEOLOCATION = "geolocation"
    GEOPROXIMITY = "geoproximity"
    MULTIVALUE = "multivalue"


class UnsupportedRecordError(ValueError):
    """A record set uses what the twin does not emulate."""


def canonical(name: str) -> str:
    """Return a DNS name in lower case with its final dot; Route 53's ``\\052`` is a star."""
    lowered = name.lower().replace("\\052", "*")
    return lowered if lowered.endswith(".") else f"{lowered}."


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """What an alias stands for: a name in a zone of ours, or an AWS resource's."""

    name: str
    evaluate_target_health: bool = False


@dataclass(frozen=True, slots=True)
class GeoLocation:
    """Where a geolocation record holds; a country of ``*`` is the default record."""

    continent: str | None = None
    country: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class GeoProximity:
    """Where a geoproximity record is: a region, with a bias of -99 to 99."""

    region: str
    bias: int = 0


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One record set; ``values`` are in zone-file form and empty for an alias."""

    name: str
    type: str
    ttl_seconds: int = 0
    values: tuple[str, ...] = ()
    set_identifier: str = ""
    weight: int | None = None
    region: str | None = None
    failover: str | None = None
    multivalue: bool = False
    geolocation: GeoLocation | None = None
    geoproximity: GeoProximity | None = None
    alias: AliasTarget | None = None
    health_check: str | None = None

    @property
    def policy(self) -> Policy:
        """The policy that this record set asks for."""
        asked = {
            Policy.WEIGHTED: self.weight is not None,
            Policy.LATENCY: self.region is not None,
            Policy.FAILOVER: self.failover is not None,
            Policy.GEOLOCATION: self.geolocation is not None,
            Policy.GEOPROXIMITY: self.geoproximity is not None,
            Policy.MULTIVALUE: self.multivalue,
        }
        return next((policy for policy, is_asked in asked.items() if is_asked), Policy.SIMPLE)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "RecordSet":
        """Return the record set of Route 53's ``ResourceRecordSet``; values may be plain strings.

        Raises:
            UnsupportedRecordError: IP-based routing, or geoproximity without a region.
        """
        if document.get("CidrRoutingConfig"):
            raise UnsupportedRecordError(
                f"{document['Name']}: IP-based routing is not emulated; the twin answers by {', '.join(Policy)}"
            )
        weight = document.get("Weight")
        return cls(
            name=canonical(document["Name"]),
            type=document["Type"],
            ttl_seconds=int(document.get("TTL") or 0),
            values=tuple(_value(each) for each in document.get("ResourceRecords") or ()),
            set_identifier=document.get("SetIdentifier") or "",
            weight=None if weight is None else int(weight),
            region=document.get("Region"),
            failover=document.get("Failover"),
            multivalue=bool(document.get("MultiValueAnswer")),
            geolocation=_geolocation(document.get("GeoLocation")),
            geoproximity=_geoproximity(document),
            alias=_alias(document.get("AliasTarget")),
            health_check=document.get("HealthCheckId") or None,
        )


def _value(each: Any) -> str:
    return str(each["Value"] if isinstance(each, Mapping) else each)


def _alias(document: Mapping[str, Any] | None) -> AliasTarget | None:
    if not document:
        return None
    return AliasTarget(canonical(document["DNSName"]), bool(document.get("EvaluateTargetHealth")))


def _geolocation(document: Mapping[str, Any] | None) -> GeoLocation | None:
    if not document:
        return None
    return GeoLocation(document.get("ContinentCode"), document.get("CountryCode"), document.get("SubdivisionCode"))


def _geoproximity(document: Mapping[str, Any]) -> GeoProximity | None:
    place = document.get("GeoProximityLocation")
    if not place:
        return None
    region = str(place.get("AWSRegion", "")).removeprefix("aws:route53:")
    if not region:
        raise UnsupportedRecordError(
            f"{document['Name']}: geoproximity by coordinates or local zones is not emulated; give an AWSRegion"
        )
    return GeoProximity(region, int(place.get("Bias") or 0))


@dataclass(frozen=True)
class Zone:
    """One public hosted zone."""

    id: str
    name: str
    records: tuple[RecordSet, ...]

    @classmethod
    def of(cls, zone_id: str, name: str, records: Iterable[RecordSet]) -> "Zone":
        """Return a zone with its name in canonical form."""
        return cls(zone_id, canonical(name), tuple(records))

    def group(self, owner: str, kind: str) -> tuple[RecordSet, ...]:
        """The record sets of one name and type, which one policy chooses from."""
        return self._groups.get((owner, kind), ())

    def owner(self, name: str) -> str | None:
        """Return the name whose records answer for ``name``: itself, a wildcard, or ``None``.

        A wildcard answers only below the closest name that exists (RFC 4592).
        """
        if name in self._names:
            return name
        above = name
        while above not in self._names and above != self.name:
            above = above.partition(".")[2]
        wildcard = f"*.{above}"
        return wildcard if wildcard in self._names else None

    def holds(self, name: str) -> bool:
        """Tell whether the name is the zone's apex or below it."""
        return name == self.name or name.endswith(f".{self.name}")

    @cached_property
    def _groups(self) -> dict[tuple[str, str], tuple[RecordSet, ...]]:
        groups: dict[tuple[str, str], list[RecordSet]] = {}
        for record in self.records:
            groups.setdefault((record.name, record.type), []).append(record)
        return {key: tuple(group) for key, group in groups.items()}

    @cached_property
    def _names(self) -> frozenset[str]:
        # With every name the ones above it exist too, though they have no records of their own.
        names = {self.name}
        for record in self.records:
            name = record.name
            while name != self.name and self.holds(name):
                names.add(name)
                name = name.partition(".")[2]
        return frozenset(names)
