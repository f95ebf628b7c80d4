"""A month's cost of each region: what stands in the templates, what the control plane does, what the document uses."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from costs.at_rest import at_rest
from costs.prices import price
from costs.resources import PRICED, Resource, Use
from costs.unpriced import BY_USE, costs_nothing
from costs.usage import used
from failover.topology import Names, Topology
from topology_document.infrastructure.costs import CostsSection

OWN_LAYERS: Final = ("control", "quorum", "deploy-guard", "advisory")
"""Layers that a product has for Lifeboat's sake alone."""
OWN_PARTS: Final = ("/LeaseKeeping/", "/Lever-")
"""Parts of other layers that are there for its sake, by the constructs' paths."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A template and where it is deployed."""

    region: str
    stack: str
    template: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """What something costs in a month in a region; ``own`` is the control plane's share."""

    region: str
    what: str
    use: Use
    usd: float
    own: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """All lines, and what is not in them: types that nobody knows, types that are billed by use, prices that lack."""

    lines: tuple[Line, ...]
    unknown: Mapping[str, int] = field(default_factory=dict)
    by_use: Mapping[str, int] = field(default_factory=dict)
    without_price: Mapping[str, int] = field(default_factory=dict)
    promised: Mapping[str, float] = field(default_factory=dict)

    def usd(self, region: str | None = None, kind: str | None = None, *, own: bool | None = None) -> float:
        """The sum of the lines of a region, of a kind (``stands``, ``works``, ``used``), of the control plane."""
        return sum(
            line.usd
            for line in self.lines
            if region in (None, line.region) and kind in (None, line.kind) and own in (None, line.own)
        )

    @property
    def regions(self) -> list[str]:
        """Every region that costs something, those with a figure of the document first."""
        there = dict.fromkeys([*self.promised, *(line.region for line in self.lines)])
        return list(there)


def estimate(topology: Topology, templates: Iterable[Placed], costs: CostsSection | None) -> Estimate:
    """Return the month's cost of a product; a pure function."""
    placed = list(templates)
    lines: list[Line] = []
    unknown, by_use, missing = Counter[str](), Counter[str](), Counter[str]()
    for each in placed:
        for name, resource in each.template.get("Resources", {}).items():
            kind = resource["Type"]
            if kind in PRICED:
                own = _is_own(topology, each, resource)
                told = Resource(kind, resource.get("Properties", {}), each.template, _sizes(topology))
                for use in PRICED[kind](told):
                    if use.missing:
                        missing[f"{use.missing} ({each.stack}, {name})"] += 1
                    elif use.quantity:
                        lines.append(_line(each.region, kind.removeprefix("AWS::"), use, "stands", own=own))
            elif kind in BY_USE:
                by_use[kind] += 1
            elif not costs_nothing(kind):
                unknown[kind] += 1
    steps = max((_warm(each.template) for each in placed), default=0)
    lines += [_line(work.region, work.what, work.use, "works", own=True) for work in at_rest(topology, steps)]
    lines += _used(costs)
    promised = {region: each.monthly_usd for region, each in costs.regions.items()} if costs else {}
    return Estimate(tuple(lines), dict(unknown), dict(by_use), dict(missing), promised)


def _line(region: str, what: str, use: Use, kind: str, *, own: bool = False) -> Line:
    return Line(region, what, use, use.quantity * price(use.price, region), own, kind)


def _used(costs: CostsSection | None) -> Iterator[Line]:
    for region, each in (costs.regions if costs else {}).items():
        for what, use in used(each.usage):
            yield _line(region, what, use, "used")


def _is_own(topology: Topology, placed: Placed, resource: Mapping[str, Any]) -> bool:
    names = Names(topology)
    if placed.stack in {names.stack(layer, placed.region) for layer in OWN_LAYERS}:
        return True
    path = str(resource.get("Metadata", {}).get("aws:cdk:path", ""))
    return any(part in path for part in OWN_PARTS)


def _warm(template: Mapping[str, Any]) -> int:
    """How many functions a template keeps warm."""
    rules = [
        each["Properties"] for each in template.get("Resources", {}).values() if each["Type"] == "AWS::Events::Rule"
    ]
    return sum("keep_warm" in str(target.get("Input", "")) for rule in rules for target in rule.get("Targets", ()))


def _sizes(topology: Topology) -> Mapping[str, Any]:
    """Sizes that a copy has of its source, and its template does not say."""
    names = Names(topology)
    storage = {
        names.db_instance(database.name, region): database.storage_gib
        for database in topology.databases
        for region in database.regions
    }
    return {**storage, **{names.cache_group(cache.name): cache.node_type for cache in topology.caches}}
