"""The decision table as a document, so that people can read and compare what the code decides."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Final

from failover.decision.rules import RULES, Conditions

HEAD: Final = """# The decision table

For each region but its own, each control region takes the first row whose conditions all hold. Written by
`python -m failover.decision.table`; a test compares it with the code.

"""

ACTIONS: Final = """
`HOLD` does nothing. `PAGE` pages once for the region and the rule, until the region is up and does not flap. `ASK`
opens an incident that waits for a person: for approval before its first step (R270), else for consent before its point
of no return. `RESUME` starts the execution of an incident that this region owns, `TAKE_OVER` owns it under the next
term and starts one. `FAIL_OVER` opens an incident of the machine `failover`, `FAIL_OVER_DATABASE` of
`database_failover`. Why each copy and region that was not chosen was not stands in the journal's `DECISION` and in the
page.

R106 stands above the pause (R120). A pause keeps from beginning; an incident that is open has begun, its lease may be
revoked and its promotion asked for, and somebody must own what comes of it. Its steps before the point of no return
obey the pause by themselves.
"""

MEANS: Final[Mapping[str, str]] = {
    "initialised": "the store has its control item: `lifeboat init` has run",
    "incident open": "one is, of whatever region",
    "incident unjoined": "this region owns it, and no execution works for it yet",
    "incident orphaned": "this region's own fresh vote tells that the owner has given no sign of life for "
    "`failover.incident_lease_seconds`, in this very term and since this very beat; it does not hold, and neither "
    "owner nor subject is this region",
    "preemptible": "it is a failback, which gives way",
    "paused": "operators paused, and the pause has not expired",
    "acknowledged": "an operator's word `ACKNOWLEDGED` about the region counts",
    "maintenance": "one of `failover.maintenance` is open for the region, by this region's clock",
    "deploying": "the word `DEPLOYING` about the region counts",
    "quorum": "what the fresh votes of seeing observers outside the region say: `DOWN` where `failover.observers` of "
    "them say `UNHEALTHY`, `UP` where none does, `SPLIT` between, `UNKNOWN` where too few speak",
    "all dark": "no fresh vote says `HEALTHY` of any region; with quorum against this one, only if another was "
    "looked at",
    "trouble": "`DATABASE`: enough observers blame databases alone that the region writes (with slowness and errors, "
    "which follow). `STAYS`: databases for which nothing can be promoted. `APART`: copies that are known to have "
    "diverged. `UNCLEAR`: each blames another. Else "
    "`REGION`",
    "advised": "AWS Health speaks of the region",
    "served elsewhere": "it is evacuated and writes nothing",
    "flapping": "enough observers counted `observation.flaps` turns, and it is not down for "
    "`failover.flapping_dwell_seconds`",
    "dwell elapsed": "enough observers, each by its own clock, have seen it down for "
    "`failover.database_dwell_seconds`, or `failover.dwell_seconds` where only traffic would move",
    "automation": "the least of the product's and of each database's that would move",
    "cooling down": "the last incident ended within `failover.cool_down_seconds`",
    "target exists": "each database that would move has a copy that is not refused, those declared together in one "
    "region; for a region's traffic one of its zone is neither evacuated nor down",
    "capacity fits": "the regions that stay have room for the nodes of those that do not; so where it is not known",
    "within rpo": "the loss bound of each target is known and within the database's `rpo_seconds`",
    "consented": "an operator's consent counts for each database that is not",
    "loss refused": "an operator's refusal counts for one of them",
}


def as_markdown() -> str:
    """Return the table with one line per rule, and one per fact."""
    rules = [f"| {rule.id} | {rule.action} | {_when(rule.when)} | {rule.reason} |" for rule in RULES]
    facts = [f"| {fact} | {meaning} |" for fact, meaning in MEANS.items()]
    return "\n".join(
        [
            HEAD + "| rule | action | when | reason |",
            "| --- | --- | --- | --- |",
            *rules,
            ACTIONS,
            "| fact | means |",
            "| --- | --- |",
            *facts,
            "",
        ]
    )


def _when(conditions: Conditions) -> str:
    told = [(each.name.replace("_", " "), getattr(conditions, each.name)) for each in fields(conditions)]
    return ", ".join(_cell(name, value) for name, value in told if value is not None) or "always"


def _cell(name: str, value: object) -> str:
    if isinstance(value, Enum):
        return f"{name} `{value.value}`"
    return name if value else f"not {name}"


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
