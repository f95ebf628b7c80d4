"""Tells a whole play when it is over: from what a world has recorded to the history that is measured."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from failover.invariants import Verdict as Judged
from failover.records import Health
from rehearsal.facts import Journalled
from rehearsal.history import History, Outcome, StateSpan, Verdict, VoteChange, Write
from simulator.asl.history import spans
from simulator.world.databases import Branch
from simulator.world.recorder import ClientWrite
from simulator.world.world import World


def recount(
    world: World,
    zero: float,
    *,
    journal: Sequence[Journalled],
    calls: Mapping[str, int],
    verdicts: Mapping[str, Judged],
) -> History:
    """Return what happened; ``zero`` is second 0 in the world's time, and what was before it has times below 0.

    Pages and changes of health checks are told from second 0 on, since those before speak of the deployment.
    """
    recorder = world.recorder
    return History(
        ended_at=world.kernel.now - zero,
        writes=tuple(_writes(world, zero)),
        journal=tuple(journal),
        votes=tuple(_votes(journal)),
        health=tuple(replace(each, at=each.at - zero) for each in recorder.flips if each.at >= zero),
        states=tuple(_states(world, zero)),
        promotions=tuple(
            replace(each, at=each.at - zero, done_at=None if each.done_at is None else each.done_at - zero)
            for each in recorder.promotions
        ),
        pages=tuple(replace(each, at=each.at - zero) for each in recorder.pages if each.at >= zero),
        calls=dict(calls),
        invariants={_number(name): _told(name, each) for name, each in verdicts.items()},
        virtual=True,
    )


def _writes(world: World, zero: float) -> Iterator[Write]:
    writers = {each.name: world.copies[each.name, each.writer].history for each in world.records}
    for each in world.recorder.writes:
        yield Write(
            each.group,
            each.number,
            each.sent_at - zero,
            each.ended_at - zero,
            each.outcome,
            each.service,
            each.committed_in,
            lost=each.outcome is Outcome.ACKNOWLEDGED and _is_lost(each, writers),
        )


def _is_lost(write: ClientWrite, writers: Mapping[str, Branch]) -> bool:
    """Whether the last writer's history does not have an acknowledged write; what never moves has one history."""
    if write.database not in writers:
        return False
    assert isinstance(write.branch, Branch)
    assert write.position is not None
    return not writers[str(write.database)].contains(write.branch, write.position)


def _votes(journal: Iterable[Journalled]) -> Iterator[VoteChange]:
    for at, entry in ((each.at, each.entry) for each in journal):
        if entry.kind == "VOTE":
            yield VoteChange(at, entry.region, str(entry.subject), Health(entry.facts["health"]))


def _states(world: World, zero: float) -> Iterator[StateSpan]:
    for execution in world.executions.all:
        for span in spans(execution.events, execution.region, execution.ended):
            left = None if span.left is None else span.left - zero
            yield replace(span, entered=span.entered - zero, left=left)


def _number(name: str) -> str:
    return name.partition(" ")[0]


def _told(name: str, verdict: Judged) -> Verdict:
    return Verdict(verdict.holds, f"{name.partition(' ')[2]}: {verdict.checked} looked at", verdict.why)
