"""What each word means that is judged when the play is over: its measures in, and whether what was said is so."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from rehearsal.form.carrying import CarriedLoad
from rehearsal.form.expectations import AFTERWARDS, HOLD, Expectation
from rehearsal.judging import Finding, Found
from rehearsal.load import Carried
from rehearsal.measures import Measures


def judge_afterwards(
    words: Expectation, measures: Measures, load: Mapping[str, Carried], groups: Collection[str]
) -> list[Finding]:
    """Judge the words that speak of the whole play, and of the ``load`` by client group in the time of their step.

    ``groups`` are all that had a write due in the whole play: one that had none in that time carried nothing in it.
    """
    found = [
        (word, each)
        for word, value in words.said().items()
        if word in AFTERWARDS
        for each in (_carried(value, load, groups) if isinstance(value, CarriedLoad) else WHOLE[word](value, measures))
    ]
    return [Finding(word, holds, f"{word} {observed}") for word, (holds, observed) in found]


def _lost_writes(wanted: int, measures: Measures) -> Found:
    yield measures.rpo.lost <= wanted, str(measures.rpo.lost)


def _rto_seconds(wanted: float, measures: Measures) -> Found:
    took = measures.recovery.rto_seconds
    yield took is not None and took <= wanted, "not recovered" if took is None else f"{took:.1f}"


def _rpo_seconds(wanted: float, measures: Measures) -> Found:
    oldest = measures.rpo.oldest_lost_age_seconds
    yield oldest is None or oldest <= wanted, "nothing lost" if oldest is None else f"{oldest:.1f}"


def _write_pause_seconds(wanted: float, measures: Measures) -> Found:
    pause = measures.write_pause_seconds
    yield pause is not None and pause <= wanted, "no write was acknowledged" if pause is None else f"{pause:.1f}"


def _invariants(wanted: tuple[str, ...], measures: Measures) -> Found:
    found = measures.invariants
    asked = list(found) if HOLD in wanted else list(wanted)
    if not asked:
        yield False, "none was checked"
    for name in asked:
        verdict = found.get(name)
        if verdict is None:
            yield False, f"{name} was not checked"
        else:
            yield verdict.holds, f"{name} holds" if verdict.holds else f"{name} is broken: {verdict.why}"


def _carried(wanted: CarriedLoad, load: Mapping[str, Carried], groups: Collection[str]) -> Found:
    asked = wanted.of or sorted(groups)
    for name in asked:
        if name in load:
            yield _is_carried(wanted, load[name]), f"{name}: {load[name].told()}"
    silent = [name for name in asked if name not in load]
    if silent or not asked:
        yield False, f"no write was due of {', '.join(silent) or 'anybody'}"


def _is_carried(wanted: CarriedLoad, found: Carried) -> bool:
    limits = ((wanted.p95, found.latency_p95_seconds), (wanted.longest, found.latency_max_seconds))
    late = any(most is not None and (seconds is None or seconds > most) for most, seconds in limits)
    return not late and (wanted.share is None or found.share >= wanted.share)


WHOLE: Final[dict[str, Callable[[Any, Measures], Found]]] = {
    "lost_writes": _lost_writes,
    "rto_seconds": _rto_seconds,
    "rpo_seconds": _rpo_seconds,
    "write_pause_seconds": _write_pause_seconds,
    "invariants": _invariants,
}
