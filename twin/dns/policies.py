"""Which record sets of one name and type answer a client: Route 53's routing policies, pure.

Source of the rules: Route 53 Developer Guide, "How Route 53 chooses records when health checking is
configured" and the page of each policy.
"""

import random
from collections.abc import Callable, Sequence
from typing import Final

from twin.dns.places import distance_km, latency_ms, place
from twin.dns.records import GeoLocation, Policy, RecordSet

MOST_VALUES: Final = 8
"""A multivalue answer has at most eight records."""

Healthy = Callable[[RecordSet], bool]
Group = Sequence[RecordSet]


def choose(group: Group, client: str, healthy: Healthy, chance: random.Random) -> tuple[RecordSet, ...]:
    """Return the record sets that answer a client near the region ``client``.

    One, except for multivalue answers; none when no geolocation record covers the client.
    When all that could answer are unhealthy, all count as healthy.
    """
    candidates = _applicable(group, client)
    sound = [record for record in candidates if healthy(record)] or list(candidates)
    match group[0].policy:
        case Policy.WEIGHTED:
            return (_weighted(sound, chance),)
        case Policy.LATENCY:
            return (min(sound, key=lambda record: latency_ms(client, record.region or "")),)
        case Policy.FAILOVER:
            return (min(sound, key=lambda record: record.failover != "PRIMARY"),)
        case Policy.GEOLOCATION:
            return tuple(sound[:1])
        case Policy.GEOPROXIMITY:
            return (min(sound, key=lambda record: _biased_km(client, record)),)
        case Policy.MULTIVALUE:
            return tuple(chance.sample(sound, min(len(sound), MOST_VALUES)))
        case _:
            return (sound[0],)


def _applicable(group: Group, client: str) -> Sequence[RecordSet]:
    """Return the records that may answer this client; geolocation's, the smallest area first."""
    if group[0].policy is not Policy.GEOLOCATION:
        return group
    ranked = ((_area(record.geolocation or GeoLocation(), client), record) for record in group)
    covering = [(area, record) for area, record in ranked if area is not None]
    return [record for _, record in sorted(covering, key=lambda pair: pair[0])]


def _area(where: GeoLocation, client: str) -> int | None:
    """Return how large the area is that covers the client (0 a state, 3 the default), or ``None``."""
    here = place(client)
    if where.subdivision:
        return 0 if (where.country, where.subdivision) == (here.country, here.subdivision) else None
    if where.country == "*":
        return 3
    if where.country:
        return 1 if where.country == here.country else None
    return 2 if where.continent == here.continent else None


def _weighted(sound: Sequence[RecordSet], chance: random.Random) -> RecordSet:
    """Draw by weight; zero weights are drawn only when nothing else is left, then all alike."""
    weights = [record.weight or 0 for record in sound]
    return chance.choices(sound, weights if any(weights) else None)[0]


def _biased_km(client: str, record: RecordSet) -> float:
    """Return the distance as the bias makes it: shorter when positive, longer when negative."""
    if record.geoproximity is None:
        return float("inf")
    distance, bias = distance_km(client, record.geoproximity.region), record.geoproximity.bias
    return distance * (1 - bias / 100) if bias >= 0 else distance / (1 + bias / 100)
