"""The next change of what regions use of a model: a pure function of what is published and seen.

All that it knows of the past stands in the regions' records, so that it may be asked at any time, twice, or after a day
of silence. It goes on in one region at a time, and back in all at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from failover.model_versions.health import Answers, Verdict, judge
from failover.model_versions.records import WHOLE, ModelPlan, Published, RegionalModel, Sight


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule that spoke, why, and the records that change, by region; mostly none.

    ``denied`` is what AWS would not tell: those regions are decided without, and people are told.
    """

    rule: str
    reason: str
    changes: Mapping[str, RegionalModel]
    denied: tuple[str, ...] = ()


def decide(
    plan: ModelPlan, published: Published | None, sights: Mapping[str, Sight], now: datetime, *, held: bool
) -> Decision:
    """Return what is to change now. ``held``: an incident is open, and nothing new is taken into use."""
    if published is None:
        return Decision("M110", "nothing is published", {})
    version = published.version
    refused = any(version in sight.record.refused for sight in sights.values())
    bad = next((region for region in sights if _answers_badly(plan, sights[region], version, now)), None)
    if refused or bad is not None:
        changes = _taken_back(plan, sights, version, now)
        if bad is not None and not refused:
            return Decision("M120", f"{version} answers badly in {bad}", changes)
        return Decision("M130", f"{version} was refused", changes)
    if held:
        return Decision("M140", "an incident is open", {})
    return _forward(plan, version, sights, now)


def _forward(plan: ModelPlan, version: str, sights: Mapping[str, Sight], now: datetime) -> Decision:
    """Look at the regions in their order; the first that is not done is the one that goes on, or is waited for."""
    proved = False
    for region in plan.order:
        sight = sights.get(region)
        if sight is None:
            return Decision("M210", f"{region} cannot be seen", {})
        record = sight.record
        if record.current == version:
            if _bakes(plan, record, now):
                return Decision("M220", f"{region} has it all, and is looked at", {})
            if not _may_pass(plan, sight, sight.current, proved=proved):
                return Decision("M230", f"{region} has too few requests to judge by", {})
            proved = proved or _seen_well(plan, sight.current)
            continue
        if not sight.arrived:
            return Decision("M240", f"{region} has not all files of {plan.tier(region)}", {})
        if record.current is None:
            return Decision("M250", f"{region} takes its first version", {region: _taken(record, version, now)})
        if record.candidate != version:
            begun = replace(record, candidate=version, share=plan.shares[0] if plan.shares else WHOLE, since=now)
            return Decision("M260", f"{region} tries it with {begun.share} %", {region: begun})
        if _bakes(plan, record, now):
            return Decision("M270", f"{region} tries it with {record.share} %", {})
        if not _may_pass(plan, sight, sight.candidate, proved=proved):
            return Decision("M230", f"{region} has too few requests to judge by", {})
        return _next_share(plan, region, record, version, now)
    return Decision("M300", f"{version} is in use everywhere", {})


def _next_share(plan: ModelPlan, region: str, record: RegionalModel, version: str, now: datetime) -> Decision:
    greater = next((share for share in plan.shares if share > record.share), WHOLE)
    if greater == WHOLE:
        return Decision("M290", f"{region} takes it", {region: _taken(record, version, now)})
    more = replace(record, share=greater, since=now)
    return Decision("M280", f"{region} tries it with {greater} %", {region: more})


def _taken(record: RegionalModel, version: str, now: datetime) -> RegionalModel:
    return replace(record, current=version, previous=record.current, candidate=None, share=0, since=now)


def _taken_back(plan: ModelPlan, sights: Mapping[str, Sight], version: str, now: datetime) -> dict[str, RegionalModel]:
    """Return each region's record without the version: what it used before, and never this one again."""
    changes = {}
    for region in plan.order:
        if region not in sights:
            continue
        record = sights[region].record
        after = record if version in record.refused else replace(record, refused=(*record.refused, version))
        if record.candidate == version:
            after = replace(after, candidate=None, share=0, since=now)
        if record.current == version and record.previous is not None:
            after = replace(after, current=record.previous, previous=None, since=now)
        if after != record:
            changes[region] = after
    return changes


def _answers_badly(plan: ModelPlan, sight: Sight, version: str, now: datetime) -> bool:
    """Whether a region shows that the version is bad: as its candidate, or in the time after it was taken."""
    record = sight.record
    if record.candidate == version:
        return _verdict(plan, sight.candidate) is Verdict.UNHEALTHY
    fresh = record.current == version and _bakes(plan, record, now)
    return fresh and _verdict(plan, sight.current) is Verdict.UNHEALTHY


def _may_pass(plan: ModelPlan, sight: Sight, answers: Answers, *, proved: bool) -> bool:
    """The unseen is not passed; but a region that nobody asks follows one in which the version was seen well."""
    return _verdict(plan, answers) is Verdict.HEALTHY or (proved and sight.idle)


def _seen_well(plan: ModelPlan, answers: Answers) -> bool:
    return _verdict(plan, answers) is Verdict.HEALTHY


def _verdict(plan: ModelPlan, answers: Answers) -> Verdict:
    return judge(
        answers,
        least_health=plan.least_health,
        least_requests=plan.least_requests,
        slow_seconds=plan.slow_seconds,
    )


def _bakes(plan: ModelPlan, record: RegionalModel, now: datetime) -> bool:
    return record.since is not None and now < record.since + timedelta(seconds=plan.bake_seconds)
