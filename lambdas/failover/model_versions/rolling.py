"""One look at all models: what a region tells of its own, and what the region of publication changes in all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from failover.errors import ModelsDeniedError
from failover.model_versions.decision import Decision, decide
from failover.model_versions.health import Answers
from failover.model_versions.records import WHOLE, ModelPlan, Published, RegionalModel, Sight
from failover.ports import Clock


class ModelShelf(Protocol):
    """The buckets with the versions."""

    def published(self, model: str) -> Published | None:
        """Return the version that is to come into use, as its source says, or None."""

    def has(self, region: str, keys: Iterable[str]) -> bool:
        """Whether all these files have come to a region's bucket.

        Raises:
            ModelsDeniedError: the region answers, and says no.
        """


class ModelRecords(Protocol):
    """The regions' tables."""

    def read(self, region: str, model: str) -> RegionalModel | None:
        """Return what a region uses; an empty record where it never used one, None when it cannot be asked.

        Raises:
            ModelsDeniedError: the region answers, and says no.
        """

    def write(self, region: str, record: RegionalModel) -> bool:
        """Write a record over the one of the revision before; False when that is not there any more."""


class ModelGauges(Protocol):
    """What the application tells of its models, and what is told of them."""

    def answers(self, region: str, model: str, version: str, seconds: int) -> Answers:
        """Return how a version answered in a region in the last seconds.

        Raises:
            ModelsDeniedError: the region answers, and says no.
        """

    def tell_health(self, region: str, variant: str | None, health: float) -> None:
        """Tell a region's health, of its models together or of a variant: ``current`` or ``candidate``."""

    def tell_refusal(self, model: str) -> None:
        """Tell that a version was taken back."""


@dataclass(frozen=True, slots=True)
class RolloutPorts:
    """What a look touches."""

    here: str
    clock: Clock
    shelf: ModelShelf
    records: ModelRecords
    gauges: ModelGauges
    incident_open: Callable[[], bool]


def roll_out(ports: RolloutPorts, plan: ModelPlan) -> Decision:
    """Look at every region of a model and change what is to be changed; to be asked where versions are published."""
    published = ports.shelf.published(plan.name)
    sights, denied = {}, []
    for region in plan.order:
        try:
            sight = _sight(ports, plan, published, region)
        except ModelsDeniedError as fault:
            # What is bad is still taken back in all other regions; whoever asked tells people of it then.
            denied.append(str(fault))
            continue
        if sight is not None:
            sights[region] = sight
    decision = decide(plan, published, sights, ports.clock.now(), held=ports.incident_open())
    for region, record in decision.changes.items():
        # Whoever wrote in between has seen more: the next look begins from theirs.
        ports.records.write(region, replace(record, revision=record.revision + 1))
    if decision.rule == "M120":
        ports.gauges.tell_refusal(plan.name)
    return replace(decision, denied=tuple(denied))


def tell_health(ports: RolloutPorts, plans: Iterable[ModelPlan]) -> float:
    """Tell how healthy the models of this region are: the least of them counts, since a request may need each."""
    health = {"current": 1.0, "candidate": 1.0}
    whole = 1.0
    for plan in plans:
        record = ports.records.read(ports.here, plan.name)
        if record is None or record.current is None:
            continue
        current = _answers(ports, plan, ports.here, record.current).health(plan.slow_seconds)
        candidate = _answers(ports, plan, ports.here, record.candidate).health(plan.slow_seconds)
        share = record.share / WHOLE if record.candidate else 0.0
        health = {"current": min(health["current"], current), "candidate": min(health["candidate"], candidate)}
        whole = min(whole, (1 - share) * current + share * candidate)
    ports.gauges.tell_health(ports.here, None, whole)
    for variant, value in health.items():
        ports.gauges.tell_health(ports.here, variant, value)
    return whole


def _sight(ports: RolloutPorts, plan: ModelPlan, published: Published | None, region: str) -> Sight | None:
    record = ports.records.read(region, plan.name)
    if record is None:
        return None
    keys = published.of_tier(plan.tier(region)) if published else ()
    return Sight(
        record=record,
        # What is in use has come; else every look would list its files again.
        arrived=bool(published and record.current == published.version)
        or (bool(keys) and ports.shelf.has(region, keys)),
        current=_answers(ports, plan, region, record.current),
        candidate=_answers(ports, plan, region, record.candidate),
    )


def _answers(ports: RolloutPorts, plan: ModelPlan, region: str, version: str | None) -> Answers:
    return ports.gauges.answers(region, plan.name, version, plan.window_seconds) if version else Answers()
