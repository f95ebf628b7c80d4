"""Regions in memory that use a model: what is in their tables, and answers that a test can make bad."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from failover.adapters.memory.surroundings import ManualClock
from failover.errors import ModelsDeniedError
from failover.model_versions import (
    Answers,
    Decision,
    ModelPlan,
    Published,
    RegionalModel,
    RolloutPorts,
    roll_out,
    tell_health,
)

AP, EU, US = "ap-southeast-1", "eu-west-1", "us-east-1"
ORDER = (AP, EU, US)
PLAN = ModelPlan("classifier", US, ORDER, (10, 50), 1800, 300, 0.99, 50, 0.5, {EU: "gdpr-compliant"})
TIERS = ("standard", "gdpr-compliant")
A_MINUTE = 60


@dataclass
class Regions:
    """Ports of ``roll_out`` in memory. ``bad`` are versions that answer badly, by region."""

    clock: ManualClock = field(default_factory=ManualClock)
    version: Published | None = None
    records: dict[str, RegionalModel] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=lambda: set(ORDER))
    unseen: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    bad: dict[str, set[str]] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)
    requests: float = 1000
    incident: bool = False
    refusals: list[str] = field(default_factory=list)
    health: dict[tuple[str, str | None], float] = field(default_factory=dict)
    history: list[dict[str, RegionalModel]] = field(default_factory=list)

    def ports(self, here: str = US) -> RolloutPorts:
        return RolloutPorts(here, self.clock, self, _Records(self), self, lambda: self.incident)

    def publish(self, version: str, tiers: Iterable[str] = TIERS) -> None:
        self.version = Published(version, {tier: (f"{version}/{tier}/weights",) for tier in tiers})

    def published(self, model: str) -> Published | None:
        return self.version

    def has(self, region: str, keys: Iterable[str]) -> bool:
        return region in self.arrived

    def answers(self, region: str, model: str, version: str, seconds: int) -> Answers:
        record = self.records[region]
        if region in self.idle:
            return Answers()
        share = record.share / 100 if version == record.candidate else 1 - record.share / 100
        asked = self.requests * share
        failed = asked if version in self.bad.get(region, ()) else 0
        return Answers(asked, failed, 0.1)

    def tell_health(self, region: str, variant: str | None, health: float) -> None:
        self.health[region, variant] = health

    def tell_refusal(self, model: str) -> None:
        self.refusals.append(model)

    def look(self) -> Decision:
        decision = roll_out(self.ports(), PLAN)
        self.history.append(dict(self.records))
        return decision

    def run(self, minutes: int) -> list[str]:
        """Look once a minute; return the rules that spoke, without repetitions."""
        spoken: list[str] = []
        for _ in range(minutes):
            rule = self.look().rule
            spoken += [rule] if spoken[-1:] != [rule] else []
            self.clock.sleep(A_MINUTE)
        return spoken

    def using(self, region: str) -> tuple[str | None, str | None, int]:
        record = self.records[region]
        return record.current, record.candidate, record.share

    def healths(self, region: str) -> float:
        return tell_health(self.ports(region), [PLAN])


@dataclass
class _Records:
    world: Regions

    def read(self, region: str, model: str) -> RegionalModel | None:
        if region in self.world.unseen:
            return None
        if region in self.world.denied:
            raise ModelsDeniedError(f"record in {region}: AccessDeniedException")
        return self.world.records.setdefault(region, RegionalModel(model))

    def write(self, region: str, record: RegionalModel) -> bool:
        standing = self.world.records[region]
        if standing.revision != record.revision - 1:
            return False
        self.world.records[region] = record
        return True


def everywhere(version: str) -> Regions:
    """A world in which every region has used a version for long."""
    world = Regions()
    world.publish(version)
    world.records = {region: RegionalModel(PLAN.name, version, revision=1) for region in ORDER}
    return world


def given_up(world: Regions, region: str, **changes: object) -> None:
    """Change a region's record behind the back of who looks."""
    world.records[region] = replace(world.records[region], **changes)  # type: ignore[arg-type]
