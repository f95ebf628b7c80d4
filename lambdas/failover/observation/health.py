"""A region's health: one pure function of its answer and of the observer's own window.

``docs/observation.md`` has the same as a table.
"""

from typing import Final

from failover.observation.deep_answer import DEGRADED, UNHEALTHY, DeepAnswer
from failover.observation.sight import Finding, Sight
from failover.observation.window import Window
from failover.ports import Answer
from failover.topology import Observation

BEARING: Final = ("edge", "application", "database_write", "database_read")
"""The parts without which a region does not serve. A part of one database of several is ``part:database``."""

DATABASE: Final = ("database_write", "database_read")
CACHE: Final = "cache"
UNREACHABLE, APPLICATION, ZONES, ERRORS, SLOW = "unreachable", "application", "zones", "errors", "slow"


def health_of(answer: Answer, window: Window, rules: Observation) -> Sight:
    """Return what an answer says of its region, given the answers before it (``window`` includes this one).

    Silence, a 5xx and an unhealthy bearing part are misses whatever the HTTP status, and so are most zones down, too
    many errors, too slow. A cache, one zone of several and parts that Lifeboat does not know degrade. Any other HTTP
    status (a redirect, a 403, a 404) tells of a wrong address or credential, not of a region, and is not counted.
    """
    if answer.status == 0:
        return Sight(Finding.MISSED, answer.failure or "no answer in time", (UNREACHABLE,))
    if answer.status != 200 and answer.status < 500:
        return Sight(Finding.UNSEEN, f"HTTP {answer.status} is no answer of a deep health endpoint")
    told = DeepAnswer.of(answer.body)
    faults, degraded = _of_parts(answer.status, told)
    words = []
    for fault, reason in _of_figures(told, window, rules):
        # A dead database makes its application fail and wait: that is the database's fault, and moving the
        # database is the cure. What is still wrong afterwards is the region's own.
        (degraded if any(_is_database(each) for each in faults) else faults).append(fault)
        words.append(reason)
    return _sight(answer, tuple(faults), tuple(degraded), words)


def _of_parts(status: int, told: DeepAnswer) -> tuple[list[str], list[str]]:
    sick, zones = told.parts_that_are(UNHEALTHY), told.sick_zones
    faults = [name for name in sick if _kind(name) in BEARING]
    others = [name for name in sick if _kind(name) not in BEARING]
    degraded = [*told.parts_that_are(DEGRADED), *others, *(f"zone:{zone}" for zone in zones)]
    if len(zones) * 2 > len(told.zones):
        faults.append(ZONES)
    if status >= 500 and not faults:
        # A 5xx needs a reason. A cache or a zone is one that costs no region; nothing at all is the application's.
        excused = bool(zones) or any(_kind(name) == CACHE for name in degraded)
        unknown = [name for name in others if _kind(name) != CACHE]
        faults = unknown or ([] if excused else [APPLICATION])
        degraded = [name for name in degraded if name not in faults]
    return faults, degraded


def _of_figures(told: DeepAnswer, window: Window, rules: Observation) -> list[tuple[str, str]]:
    found = []
    if told.error_rate is not None and told.error_rate > rules.error_rate_threshold:
        found.append((ERRORS, f"{told.error_rate:.0%} of its requests fail, over {rules.error_rate_threshold:.0%}"))
    if window.is_slow(rules.latency_threshold_seconds):
        found.append((SLOW, f"p95 {window.p95:.2f} s, over {rules.latency_threshold_seconds:.2f} s"))
    return found


def _sight(answer: Answer, faults: tuple[str, ...], degraded: tuple[str, ...], words: list[str]) -> Sight:
    if faults:
        reason = f"HTTP {answer.status}: {', '.join(faults)}"
        return Sight(Finding.MISSED, f"{reason} ({'; '.join(words)})" if words else reason, faults, degraded)
    reason = f"served in {answer.seconds * 1000:.0f} ms"
    return Sight(Finding.SERVED, f"{reason}, degraded: {', '.join(degraded)}" if degraded else reason, (), degraded)


def _kind(part: str) -> str:
    return part.partition(":")[0]


def _is_database(part: str) -> bool:
    return _kind(part) in DATABASE
