"""``lifeboat status``: where the control plane stands now, in the words of the store."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.options import QUICKSTART, Document
from cli.reading import load
from cli.times import long, said
from cli.votes import complaints, votes_table
from cli.waiting import Wait, wait_of
from failover.adapters.world import operators_world as world
from failover.plain import as_plain
from failover.procedures.changing import records_of
from failover.procedures.protection import unprotected
from failover.records import Control, DatabaseRecord, Word, WordKind
from failover.topology import Topology

AsJson = Annotated[bool, typer.Option("--json", help="As one JSON object.")]

WORDS: Final = {
    WordKind.CONSENT: ("consents to losing data of", "refuses to lose data of"),
    WordKind.APPROVAL: ("approves of", "refuses"),
    WordKind.VETO: ("vetoes", "vetoes"),
    WordKind.ACKNOWLEDGED: ("handles by hand", "handles by hand"),
    WordKind.DEPLOYING: ("deploys in", "deploys in"),
    WordKind.OVERRIDE: ("lets deployments change", "lets deployments change"),
    WordKind.ADVISORY: ("speaks of", "speaks of"),
}
"""What somebody does by each kind of word, and by its refusal."""


def status(topology: Document = QUICKSTART, as_json: AsJson = False) -> None:
    """Tell who sees what, who writes what, which incident is open, what it waits for, and what people have said."""
    product = load(topology)
    ports = world(product)
    control, records, votes = ports.store.control(), records_of(ports, product), ports.store.votes()
    said_words, now = ports.store.words(), ports.clock.now()  # read before the clock: no vote is of the future
    words = [each for each in said_words if each.counts(now)]
    wait = wait_of(product, control, records, now)
    if as_json:
        bare = [each.name for each in records if unprotected(product, each)]
        told = {"control": control, "databases": records, "votes": votes, "words": words, "waits_for": wait}
        plain = {name: as_plain(each) for name, each in told.items()} | {"unprotected": bare}
        typer.echo(json.dumps(plain, indent=2, sort_keys=True))
        return
    console = Console(highlight=False)
    console.print(votes_table(product, votes, now))
    for line in complaints(product, votes, now):
        console.print(line, markup=False)
    console.print(_databases(product, records))
    for line in (*_stands(control, now), *_waits(wait), *_ordered(control, now), *map(_word, words)):
        console.print(line, markup=False, soft_wrap=True)


def _databases(product: Topology, records: Sequence[DatabaseRecord]) -> Table:
    table = Table("database", "writer", "epoch", "lease", "phase", "does not follow", "protected")
    for each in records:
        apart = ", ".join(f"{region} (since epoch {why.epoch})" for region, why in each.diverged.items()) or "-"
        safe = "NO: unprotected until a copy has rejoined" if unprotected(product, each) else "yes"
        table.add_row(each.name, each.writer, str(each.epoch), each.lease.state, each.phase, apart, safe)
    return table


def _stands(control: Control, now: datetime) -> Iterator[str]:
    for region, why in control.evacuated.items():
        yield f"{region} is evacuated, by {why}"
    incident = control.incident
    if incident is None:
        yield "no incident is open"
        return
    ago = long((now - incident.opened_at).total_seconds())
    yield (
        f"incident {incident.id}: {incident.machine} of {incident.subject}, {incident.state}, opened {ago} ago at "
        f"{said(incident.opened_at)}, owned by {incident.owner} in term {incident.term}, under {incident.rule}: "
        f"{incident.reason}"
    )
    if incident.aborted is not None:
        yield f"it is aborted, by {incident.aborted}"
    if incident.skipped:
        yield f"it leaves out {', '.join(incident.skipped)}"


def _waits(wait: Wait | None) -> Iterator[str]:
    if wait is not None:
        until = f"; until {said(wait.until)}" if wait.until else ""
        yield f"it WAITS for {wait.what}: {wait.command}{until}"


def _ordered(control: Control, now: datetime) -> Iterator[str]:
    if control.pause is not None and control.pause.until > now:
        yield f"paused until {said(control.pause.until)}: {control.pause.reason}"


def _word(word: Word) -> str:
    does = WORDS[word.kind][word.refuses]
    return f"until {said(word.until)} {word.by} {does} {word.about}: {word.reason}"
