"""One round of probes: every other region, the neutral places, and the observer's own door, all at once."""

from dataclasses import dataclass

from failover.ports import Answer, Ports
from failover.topology import Names, Topology

DEEP_HEALTH = "/health/deep"

OWN_DOOR = "/sight"
"""A path for which the lever endpoint has no route: API Gateway itself answers 404, so that neither a function that
starts cold nor a store that is slow makes an observer blind."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round brought: each region's answer, the neutral places that were seen, and why nobody was.

    ``blind`` is empty when the observer can see: more than half of the neutral places answered 200, and the lever
    endpoint of its own region answered anything at all. An observer whose own region is in trouble would take its
    own trouble for everybody's.
    """

    answers: dict[str, Answer]
    seen: tuple[str, ...]
    blind: str


def look_around(ports: Ports, topology: Topology) -> Round:
    """Ask everybody in the same window; takes the topology's timeout at most."""
    rules, names = topology.observation, Names(topology)
    subjects = [region for region in topology.region_names if region != ports.here]
    urls = {region: f"https://{names.origin(region)}{DEEP_HEALTH}" for region in subjects}
    own = f"https://{names.lever(ports.here)}{OWN_DOOR}"
    answers = ports.http.get([*urls.values(), *rules.neutral, own], rules.timeout_seconds)
    seen = tuple(url for url in rules.neutral if answers[url].status == 200)
    blind = _blindness(len(seen), len(rules.neutral), answers[own], own)
    return Round({region: answers[url] for region, url in urls.items()}, seen, blind)


def _blindness(seen: int, neutral: int, own: Answer, url: str) -> str:
    if seen * 2 <= neutral:
        return f"this observer is blind: it sees {seen} of {neutral} neutral places"
    if own.status == 0:
        return f"this observer is blind: its own {url} does not answer: {own.failure or 'no answer in time'}"
    return ""
