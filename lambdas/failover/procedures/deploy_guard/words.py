"""What is said about deployments: overrides of what is refused, and that one is under way."""

from datetime import timedelta
from typing import Final

from failover.errors import RequestInvalidError
from failover.ports import Ports
from failover.records import JournalEntry, Word, WordKind
from failover.topology import Topology

LONGEST: Final = timedelta(hours=24)
DEPLOYING: Final = timedelta(hours=1)
"""A deployment that died without a word is forgotten after this."""


def override(ports: Ports, topology: Topology, about: str, by: str, reason: str, *, lasts: timedelta) -> Word:
    """Allow a deployment, for a while, what it may not do to one stack or to one resource of it.

    Raises:
        RequestInvalidError: it is about nothing of this product, or would last longer than a day.
    """
    prefix = f"lifeboat-{topology.name}-"
    if not about.startswith(prefix):
        raise RequestInvalidError(
            f"resource: got {about!r}; a stack ({prefix}…), or one resource of it as the refusal names it "
            f"({prefix}…/LogicalId)"
        )
    if not timedelta() < lasts <= LONGEST:
        raise RequestInvalidError(f"for: got {lasts}; more than nothing and at most {LONGEST}")
    now = ports.clock.now()
    word = Word(WordKind.OVERRIDE, about, by, reason, now, now + lasts)
    ports.store.say(word)
    until = f"{word.until:%Y-%m-%d %H:%M:%S} UTC"
    facts = {"about": about, "until": word.until.isoformat()}
    told = f"{by} lets deployments change {about} until {until}: {reason}"
    ports.store.append(JournalEntry(now, ports.here, "OVERRIDE", told, facts=facts))
    return word


def begin_deploying(ports: Ports, region: str, by: str, what: str) -> Word:
    """Say that a region is being changed: what it shows may be the deployment's doing."""
    now = ports.clock.now()
    word = Word(WordKind.DEPLOYING, region, by, what, now, now + DEPLOYING)
    ports.store.say(word)
    ports.store.append(JournalEntry(now, ports.here, "DEPLOYING", f"{by} deploys {what}", subject=region))
    return word


def end_deploying(ports: Ports, region: str, by: str, outcome: str) -> None:
    """Take that back, and say how it went."""
    ports.store.withdraw(WordKind.DEPLOYING, region)
    told = f"{by}'s deployment in {region}: {outcome}"
    ports.store.append(JournalEntry(ports.clock.now(), ports.here, "DEPLOYED", told, subject=region))
