"""Who sees what: each observer's vote on each region, and how old it is."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.times import long
from failover.decision.voices import is_fresh
from failover.records import Health, Vote
from failover.topology import Topology

STYLES: Final = {Health.HEALTHY: "green", Health.UNHEALTHY: "bold red", Health.UNKNOWN: "yellow"}


def votes_table(topology: Topology, votes: Sequence[Vote], now: datetime) -> Table:
    """Return regions by observers."""
    cast = {(each.subject, each.observer): each for each in votes}
    table = Table("region", *(f"seen from {observer}" for observer in topology.control_regions))
    for region in topology.region_names:
        row = [_cell(topology, cast.get((region, observer)), now) for observer in topology.control_regions]
        table.add_row(region, *row)
    return table


def complaints(topology: Topology, votes: Sequence[Vote], now: datetime) -> Iterator[str]:
    """Yield why a region is not seen to be healthy, by whom."""
    for vote in sorted(votes, key=lambda each: (each.subject, each.observer)):
        if vote.health is not Health.HEALTHY and is_fresh(topology, vote, now):
            lasts = f" for {long(vote.unhealthy_seconds)}" if vote.health is Health.UNHEALTHY else ""
            yield f"{vote.subject} is {vote.health}{lasts}, as {vote.observer} sees it: {vote.reason}"


def _cell(topology: Topology, vote: Vote | None, now: datetime) -> Text:
    if vote is None:
        return Text("-")
    age = long((now - vote.observed_at).total_seconds())
    if is_fresh(topology, vote, now):
        return Text(f"{vote.health}, {age} ago", style=STYLES[vote.health])
    why = "blind" if not vote.seen else "too old to count"
    return Text(f"{vote.health}, {age} ago: {why}", style="dim")
