"""The latencies as a document, so that people can see what the model's times lean on."""

from typing import Final

from simulator.latencies.catalogue import Latencies
from simulator.latencies.reading import Latency

HEAD: Final = """# Latencies

How long everything takes in the simulator's world, and how that is known. Written by
`python -m simulator.latencies > docs/latencies.md` from `simulator/latencies/latencies.yaml`; a test compares the two.
A file of your own can say other times: it names what differs, in the same form.

**published**: somebody says a number, and the source says what of the rest is ours. **measured**: by us. **assumed**:
nobody says a number; the source says what the assumption leans on. What the simulator says of times is no better than
these: of {count} entries {assumed} are assumed. Who wants better ones measures them in their own account.

"Most" is the longest that is ever drawn: a lognormal distribution ends at its 99.95th percentile.
"""

GROUPS: Final = {
    "Network": ("network",),
    "Lambda": ("lambda",),
    "Step Functions": ("states",),
    "EventBridge, CloudWatch, SNS": ("events", "cloudwatch", "sns"),
    "DynamoDB": ("dynamodb",),
    "Databases": ("promotion", "switchover", "rebuild", "lag", "rds", "postgres", "agent"),
    "DNS and clients": ("route53", "dns", "lever", "client"),
    "Everything else": ("aws", "s3", "nodes", "elasticache"),
}
"""The headings, and what the names below them begin with."""

PAIRS: Final = """
## Between regions

Medians of round trips in milliseconds; a way is half of one, and differs from it as `network.inter_region` does from
its own. Published: cloudping.co's matrix of the 50th percentile as [commonwarexyz/monorepo](https://github.com/commonwarexyz/monorepo)
holds it in `examples/estimator/src/p50.json`, rounded. Regions that are not in it take `network.inter_region` itself.
"""


def as_markdown(latencies: Latencies) -> str:
    """Return the document."""
    assumed = sum(each.standing.value == "assumed" for each in latencies)
    parts = [HEAD.format(count=len(latencies.by_name), assumed=assumed)]
    for heading, beginnings in GROUPS.items():
        mine = [each for each in latencies if each.name.partition(".")[0] in beginnings]
        parts += [f"\n## {heading}\n\n| name | what | half of them ≤ | 99 % ≤ | most | standing |", _line(6)]
        parts += [*map(_row, mine), "", *(f"- `{each.name}`: {each.told}. {each.source}." for each in mine)]
    return "\n".join([*parts, PAIRS, *_pairs(latencies), ""])


def in_words(seconds: float) -> str:
    """Return a time with the unit that suits it."""
    for unit, length in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= 2 * length or (unit == "s" and seconds >= 1):
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds * 1000:.2g} ms" if seconds else "0"


def _row(latency: Latency) -> str:
    times = (in_words(latency.takes.quantile(share)) for share in (0.5, 0.99, 1.0))
    return f"| `{latency.name}` | {latency.means} | {' | '.join(times)} | {latency.standing} |"


def _line(columns: int) -> str:
    return "|" + " --- |" * columns


def _pairs(latencies: Latencies) -> list[str]:
    regions = sorted({one for one, _ in latencies.round_trips})
    rows = [
        f"| {one} | {' | '.join(_round_trip(latencies, one, other) for other in regions[1:])} |" for one in regions[:-1]
    ]
    return [f"| | {' | '.join(regions[1:])} |", _line(len(regions)), *rows]


def _round_trip(latencies: Latencies, one: str, other: str) -> str:
    took = latencies.round_trips.get((one, other))
    return f"{took * 1000:.0f}" if took is not None and one < other else ""
