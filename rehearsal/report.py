"""What came of a play: the verdict, the measures and the whole story, as one JSON document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from failover.plain import as_plain
from failover.topology import digest
from rehearsal.form import Action, Scenario, When
from rehearsal.form.expectations import AFTERWARDS
from rehearsal.history import History, Verdict
from rehearsal.judging_afterwards import judge_afterwards
from rehearsal.load import by_group
from rehearsal.machine import this_machine
from rehearsal.measures import Measures, Rpo, measure
from rehearsal.sightings import Trace
from rehearsal.stage import Stage
from rehearsal.telling import CONTROL_PLANE, TRAFFIC, Line, LineKind
from rehearsal.watching import Watch, Watched, told


class Judgement(StrEnum):
    """Whether every expectation held."""

    HELD = "held"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Expected:
    """How one expectation came out.

    ``due`` is when it was due, in seconds since the play began. ``seen_at`` is when it came true, or when it
    was first broken; ``None`` where it never came true, was never broken, or was judged afterwards.
    """

    text: str
    kind: str
    due: float
    held: bool
    seen_at: float | None
    observed: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known of a play; ``as_json`` is the document of report.json.

    ``history`` and ``trace`` are the raw story from which the page is drawn; they are not in the document.
    """

    scenario: str
    proves: str
    topology: str
    topology_digest: str
    started_at: str
    length_seconds: float
    measures: Measures
    expectations: Sequence[Expected]
    timeline: Sequence[Line]
    recorded_only_types: Sequence[str]
    machine: Mapping[str, Any]
    seeds: Mapping[str, int]
    regions: Sequence[str]
    history: History
    trace: Trace

    @property
    def verdict(self) -> Judgement:
        """``held`` only when every expectation was, and nobody was refused by the product's own policies."""
        held = all(each.held for each in self.expectations) and not self.refused
        return Judgement.HELD if held else Judgement.BROKEN

    @property
    def rpo(self) -> Rpo:
        """What was acknowledged and what of it is lost."""
        return self.measures.rpo

    @property
    def refused(self) -> Sequence[str]:
        """Who was refused what by the policies that the product deploys."""
        return self.history.refused

    @property
    def invariants(self) -> Mapping[str, Verdict]:
        """What was found of each invariant."""
        return self.measures.invariants

    def as_json(self) -> dict[str, Any]:
        """Return the document of report.json."""
        measures = self.measures
        document = {
            "scenario": self.scenario,
            "proves": self.proves,
            "verdict": self.verdict,
            "topology": self.topology,
            "topology_digest": self.topology_digest,
            "rto_seconds": measures.recovery.rto_seconds,
            "rto_parts": measures.recovery.rto_parts,
            "control_plane_share_seconds": measures.control_plane_share_seconds,
            "moments": measures.moments,
            "rpo": measures.rpo,
            "write_pause_seconds": measures.write_pause_seconds,
            "load": {"virtual": self.history.virtual, "phases": measures.load},
            "invariants": measures.invariants,
            "refused": self.refused,
            "expectations": self.expectations,
            "timeline": self.timeline,
            "recorded_only_types": self.recorded_only_types,
            "machine": self.machine,
            "started_at": self.started_at,
            "length_seconds": self.length_seconds,
            "seeds": self.seeds,
        }
        return {name: as_plain(value) for name, value in document.items()}


def reported(
    scenario: Scenario, stage: Stage, history: History, *, trace: Trace, watch: Watch, lines: Sequence[Line]
) -> Report:
    """Measure a play that is over, judge what is judged afterwards, and put it all together."""
    measures = measure(stage.topology, history, trace)
    expectations = tuple(_expected(each, measures, history) for each in watch.steps if each.step.words is not None)
    return Report(
        scenario=scenario.name,
        proves=scenario.proves,
        topology=stage.topology.name,
        topology_digest=digest(stage.topology),
        started_at=stage.started_at.isoformat(timespec="seconds"),
        length_seconds=round(history.ended_at, 3),
        measures=measures,
        expectations=expectations,
        timeline=tuple(sorted([*lines, *_afterwards(history)], key=lambda line: line.at)),
        recorded_only_types=tuple(stage.recorded_only_types),
        machine=this_machine(),
        seeds=dict(stage.seeds),
        regions=stage.topology.region_names,
        history=history,
        trace=trace,
    )


def _expected(watched: Watched, measures: Measures, history: History) -> Expected:
    words = watched.step.words
    assert words is not None
    load = {} if words.carried is None else by_group(history.writes, watched.opens or 0.0, watched.due or 0.0)
    groups = {each.group for each in history.writes}
    late = judge_afterwards(words, measures, load, groups) if AFTERWARDS & set(words.said()) else []
    amiss = [each for each in late if not each.holds]
    observed = ", ".join(part for part in (watched.observed, told(amiss or late)) if part)
    held = watched.held is not False and not amiss
    negative = watched.step.action is Action.NEVER or watched.step.when is When.UNTIL
    return Expected(
        text=watched.step.told(),
        kind="never" if watched.step.action is Action.NEVER else watched.step.when.value,
        due=round(watched.due or 0.0, 3),
        held=held,
        seen_at=None if watched.seen_at is None or (negative and held) else round(watched.seen_at, 3),
        observed=observed,
    )


def _afterwards(history: History) -> list[Line]:
    """Return the lines that are known only when the play is over."""
    return [
        *(
            Line(each.at, each.subject, LineKind.VOTE, f"{each.observer} votes {each.health.value}")
            for each in history.votes
        ),
        *(
            Line(each.at, each.region or TRAFFIC, LineKind.HEALTH, f"{each.check}: {_health(healthy=each.healthy)}")
            for each in history.health
        ),
        *(
            Line(each.at, each.region, LineKind.PROMOTION, f"promotion of {each.database} {_answer(each.accepted)}")
            for each in history.promotions
        ),
        *(
            Line(each.done_at, each.region, LineKind.PROMOTION, f"{each.database} is out of recovery")
            for each in history.promotions
            if each.done_at is not None
        ),
        *(
            Line(each.at, CONTROL_PLANE, LineKind.PAGE, f"page from {each.region}: {each.subject}")
            for each in history.pages
        ),
    ]


def _health(*, healthy: bool) -> str:
    return "healthy" if healthy else "unhealthy"


def _answer(accepted: bool) -> str:  # noqa: FBT001
    return "accepted" if accepted else "refused"
