"""What each word means that speaks of a moment: facts in, and for each thing said whether it is so.

A word can say several things (``traffic`` of every client group); ``expect`` wants all of them, ``never`` none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from failover.decision import RULES, Action
from rehearsal.facts import Facts, Gate, Journalled, writers
from rehearsal.form.entries import EVERYWHERE
from rehearsal.form.executions import NONE, Executions
from rehearsal.form.expectations import Expectation, IncidentWord

QUIET: Final = frozenset(rule.id for rule in RULES if rule.action is Action.HOLD)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was said, whether it is so, and what is so instead or indeed."""

    word: str
    holds: bool
    observed: str


def judge(words: Expectation, facts: Facts) -> list[Finding]:
    """Judge the words that speak of a moment."""
    return [
        Finding(word, holds, f"{word} {observed}")
        for word, value in words.said().items()
        if word in MOMENT
        for holds, observed in MOMENT[word](value, facts)
    ]


Found = Iterator[tuple[bool, str]]


def _writer(wanted: tuple[str, ...], facts: Facts) -> Found:
    for database in facts.databases:
        found = writers(facts, database)
        holds = (not found and NONE in wanted) or (len(found) == 1 and found[0] in wanted)
        yield holds, " and ".join(found) or NONE


def _served(wanted: bool, facts: Facts) -> Found:  # noqa: FBT001
    unserved = [name for name in facts.groups if not served(facts, name)]
    yield (not unserved) is wanted, f"no: {', '.join(unserved)}" if unserved else "yes"


def served(facts: Facts, name: str) -> bool:
    """Whether a client group's newest write was acknowledged, and since the newest fault or heal."""
    group = facts.groups[name]
    since = max(group.failed_at if group.failed_at is not None else 0.0, facts.disturbed_at)
    return group.acknowledged_at is not None and group.acknowledged_at > since


def _refuses_writes(wanted: tuple[str, ...], facts: Facts) -> Found:
    told = {True: "refused", False: "a write passed", None: "no answer"}
    for region in wanted:
        answers = [copies[region].refuses for copies in facts.databases.values() if region in copies]
        observed = " and ".join(told[each] for each in answers) or "has no copy"
        yield bool(answers) and all(answers), f"{region}: {observed}"


def _gate(wanted: dict[str, Gate], facts: Facts) -> Found:
    for asked, state in wanted.items():
        gates = [
            (region, copy.gate)
            for copies in facts.databases.values()
            for region, copy in copies.items()
            if asked in (region, EVERYWHERE)
        ]
        for region, gate in gates:
            yield gate is state, f"{region}: {gate.value}"
        if not gates:
            yield False, f"{asked}: has no copy"


def _traffic(wanted: dict[str, tuple[str, ...]], facts: Facts) -> Found:
    for asked, places in wanted.items():
        for name in facts.groups if asked == EVERYWHERE else (asked,):
            answers = facts.groups[name].answers
            yield bool(answers) and set(answers) <= set(places), f"{name}: {' and '.join(answers) or 'no answer'}"


def _no_traffic(wanted: tuple[str, ...], facts: Facts) -> Found:
    for region in wanted:
        pointed = [name for name, group in facts.groups.items() if region in group.answers]
        reached = [name for name, group in facts.groups.items() if group.reached == region]
        told = [f"answered to {name}" for name in pointed] + [f"reached by {name}" for name in reached]
        yield not told, f"{region}: {', '.join(told) or 'none'}"


def _decision(wanted: tuple[str, ...], facts: Facts) -> Found:
    made = _rules(facts)
    yield bool(made & set(wanted)), ", ".join(sorted(made)) or NONE


def _no_decision(wanted: bool, facts: Facts) -> Found:  # noqa: ARG001, FBT001
    acting = sorted(_rules(facts) - QUIET)
    yield not acting, f"{', '.join(acting)} was made" if acting else "yes"


def _rules(facts: Facts) -> set[str]:
    return {each.entry.rule for each in _since_the_start(facts) if each.entry.rule is not None}


def _since_the_start(facts: Facts) -> list[Journalled]:
    """Leave out what was written while the stage was still being made ready."""
    return [each for each in facts.journal if each.at >= 0.0]


def _promotions(wanted: dict[str, int], facts: Facts) -> Found:
    for region, number in wanted.items():
        made = sum(facts.promoted.values()) if region == EVERYWHERE else facts.promoted.get(region, 0)
        yield made == number, f"{'in all' if region == EVERYWHERE else region}: {made}"


def _targets(wanted: int, facts: Facts) -> Found:
    yield len(facts.asked) == wanted, ", ".join(sorted(facts.asked)) or NONE


def _incident(wanted: tuple[IncidentWord, ...], facts: Facts) -> Found:
    if facts.incident is not None:
        stands = IncidentWord(facts.incident.value.lower())
    else:
        stands = IncidentWord.CLOSED if facts.incidents else IncidentWord.NONE
    yield stands in wanted, stands.value


def _executions(wanted: Executions, facts: Facts) -> Found:
    meant = [each for each in facts.executions if wanted.machine in (None, each.machine)]
    states = [each.state for each in meant]
    observed = ", ".join(f"{each.name} {each.state.value}" for each in meant) or NONE
    if wanted.all is not None:
        yield bool(states) and all(state in wanted.all for state in states), observed
    elif wanted.any is not None:
        yield any(state in wanted.any for state in states), observed
    else:
        yield not states, observed


def _execution_error(wanted: tuple[str, ...], facts: Facts) -> Found:
    ended = [each.error for each in facts.executions if each.error is not None]
    yield any(each in wanted for each in ended), ", ".join(ended) or NONE


def _journal(wanted: tuple[str, ...], facts: Facts) -> Found:
    kinds = dict.fromkeys(each.entry.kind for each in _since_the_start(facts) if each.entry.kind != "VOTE")
    found = [each for each in kinds if each in wanted]
    yield bool(found), ", ".join(found) or f"has {', '.join(kinds) or NONE}"


def _term(wanted: int, facts: Facts) -> Found:
    yield facts.term == wanted, str(facts.term)


def _unprotected(wanted: tuple[str, ...], facts: Facts) -> Found:
    yield facts.unprotected == set(wanted), ", ".join(sorted(facts.unprotected)) or NONE


def _paged(wanted: bool, facts: Facts) -> Found:  # noqa: FBT001
    yield (facts.pages > 0) is wanted, f"{facts.pages} times"


def _api_calls(wanted: dict[str, int], facts: Facts) -> Found:
    for service, number in wanted.items():
        made = facts.calls.get(service, 0)
        yield made == number, f"{service}: {made}"


def _any_of(wanted: tuple[Expectation, ...], facts: Facts) -> Found:
    judged = [judge(each, facts) for each in wanted]
    holds = any(all(finding.holds for finding in findings) for findings in judged)
    yield holds, " / ".join(", ".join(finding.observed for finding in findings) for findings in judged)


MOMENT: Final[dict[str, Callable[[Any, Facts], Found]]] = {
    "writer": _writer,
    "served": _served,
    "refuses_writes": _refuses_writes,
    "gate": _gate,
    "traffic": _traffic,
    "no_traffic": _no_traffic,
    "decision": _decision,
    "no_decision": _no_decision,
    "promotions": _promotions,
    "targets": _targets,
    "incident": _incident,
    "executions": _executions,
    "execution_error": _execution_error,
    "journal": _journal,
    "term": _term,
    "unprotected": _unprotected,
    "paged": _paged,
    "api_calls": _api_calls,
    "any_of": _any_of,
}
