"""``lifeboat journal``: all that happened, or what of it one looks for, or what happens now."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from cli.options import QUICKSTART, Document
from cli.reading import load
from cli.times import moment
from failover.adapters.world import operators_world as world
from failover.errors import TransientError
from failover.plain import as_plain
from failover.ports import QuorumStore
from failover.records import JournalEntry

POLL_SECONDS: Final = 2.0
LATE: Final = timedelta(minutes=31)
"""So much older than the newest an entry may be dated that comes only now: AWS takes no request of a clock that is more
than 15 minutes wrong, ahead or behind; the rest is for one that is repeated."""
NAMED: Final = 5


def journal(
    *,
    since: Annotated[
        str | None, typer.Option(help="From when on: how long ago, as 2h or 30m, or a time, in UTC.")
    ] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many lines, the newest.")] = None,
    incident: Annotated[str | None, typer.Option(help="Only of this incident, such as us-east-1-20.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    topology: Document = QUICKSTART,
) -> None:
    """Print the journal, oldest first."""
    ports = world(load(topology))
    begins = moment(since, ports.clock.now()) if since is not None else None
    entries = ports.store.journal(None if incident is not None else begins)
    if incident is not None and not follow:
        _refuse_unknown(entries, incident)
    for entry in _asked(entries, begins, incident)[-(last or 0) :]:
        typer.echo(line(entry, as_json=as_json))
    if follow:
        for entry in following(ports.store, entries, begins):
            if incident in (None, entry.incident):
                typer.echo(line(entry, as_json=as_json))


def line(entry: JournalEntry, *, as_json: bool) -> str:
    """Return an entry as it is printed."""
    if as_json:
        return json.dumps(as_plain(entry))
    about = " ".join(filter(None, (entry.rule, entry.subject, entry.database)))
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.region:<15} {entry.kind:<18} {about:<24} {entry.text}"


def following(
    store: QuorumStore, known: Sequence[JournalEntry], begins: datetime | None = None
) -> Iterator[JournalEntry]:
    """Yield what is written from now on, and what a clock that is behind dates earlier, but not before ``begins``."""
    told = {_key(each) for each in known}
    newest = max((each.at for each in known), default=None)
    while True:
        time.sleep(POLL_SECONDS)
        try:
            since = [at for at in (begins, newest and newest - LATE) if at is not None]
            entries = store.journal(max(since, default=None))
        except TransientError as exc:
            typer.echo(f"not read, and asked again: {exc}", err=True)
            continue
        new = [each for each in entries if _key(each) not in told]
        told.update(map(_key, new))
        newest = max((each.at for each in entries), default=newest)
        yield from new


def _key(entry: JournalEntry) -> tuple[datetime, str, str, str]:
    return entry.at, entry.region, entry.kind, entry.text


def _asked(entries: Sequence[JournalEntry], since: datetime | None, incident: str | None) -> list[JournalEntry]:
    return [
        each
        for each in entries
        if (since is None or each.at >= since) and (incident is None or each.incident == incident)
    ]


def _refuse_unknown(entries: Sequence[JournalEntry], incident: str) -> None:
    known = list(dict.fromkeys(each.incident for each in entries if each.incident))
    if incident not in known:
        newest = ", ".join(known[-NAMED:]) or "none"
        raise typer.BadParameter(f"got {incident!r}; the newest incidents are: {newest}", param_hint="--incident")
