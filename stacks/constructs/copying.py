"""Which objects of a declared bucket are copied where, and under which rule: the one place that says it."""

from dataclasses import dataclass
from typing import Final

from failover.topology import Names
from stacks.constructs.data_names import MODELS, DataNames
from topology_document.infrastructure import Infrastructure
from topology_document.infrastructure.objects import BucketSection

TIME_CONTROL_MINUTES: Final = 15
"""S3's replication time control has this one value (Amazon S3 user guide, "Meeting compliance requirements")."""


@dataclass(frozen=True, slots=True)
class CopyRule:
    """One rule of a bucket: objects whose keys begin so are copied to a region, in time or as they come."""

    id: str
    region: str
    prefix: str
    timed: bool


@dataclass(frozen=True, slots=True)
class Copying:
    """A declared bucket in one region with its rules; of two that meet an object the first one counts."""

    names: DataNames
    bucket: str
    region: str
    rules: tuple[CopyRule, ...]

    @property
    def copies(self) -> tuple[str, ...]:
        """The regions that its objects are copied to."""
        return tuple(dict.fromkeys(rule.region for rule in self.rules))


def buckets_of(names: Names, infrastructure: Infrastructure) -> dict[str, BucketSection]:
    """Return the declared buckets, and the one that the models' versions are in."""
    buckets = dict(infrastructure.buckets)
    if infrastructure.models:
        used = {region for model in infrastructure.models.values() for region in model.order}
        used |= {model.source or names.topology.primary.name for model in infrastructure.models.values()}
        regions = [region for region in names.topology.aws_regions if region in used]
        # What may leave its zone is checked for each model; the rules below copy each model by its own prefix.
        buckets[MODELS] = BucketSection(regions=regions, personal_data=False, keep_versions_days=365)
    return buckets


def copying_of(names: Names, infrastructure: Infrastructure, bucket: str, region: str) -> Copying:
    """Return where a region's bucket is copied to: all its regions, or those of its zone if it holds personal data."""
    section = buckets_of(names, infrastructure)[bucket]
    rules = _of_models(names, infrastructure, region) if bucket == MODELS else _both_ways(names, section, region)
    return Copying(DataNames(names), bucket, region, rules)


def _both_ways(names: Names, section: BucketSection, region: str) -> tuple[CopyRule, ...]:
    topology = names.topology
    zone = topology.region(region).zone
    others = [each for each in section.regions or topology.aws_regions if each != region]
    lawful = [each for each in others if not section.personal_data or topology.region(each).zone == zone]
    if not section.copied:
        return ()
    rules = [
        CopyRule(f"to-{copy}-{number}", copy, prefix, timed=True)
        for copy in lawful
        for number, prefix in enumerate(section.urgent, start=1)
    ]
    if "" not in section.urgent:
        rules += [CopyRule(f"to-{copy}", copy, "", timed=False) for copy in lawful]
    return tuple(rules)


def _of_models(names: Names, infrastructure: Infrastructure, region: str) -> tuple[CopyRule, ...]:
    """Versions go one way, from where they are published, and each model by itself to the regions that use it."""
    primary = names.topology.primary.name
    return tuple(
        CopyRule(f"{name}-to-{user}", user, f"{name}/", timed=True)
        for name, model in infrastructure.models.items()
        if (model.source or primary) == region
        for user in model.order
        if user != region
    )
