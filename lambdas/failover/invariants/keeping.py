"""Invariants of what must not be lost or done twice: I14, I15."""

from collections.abc import Iterable

from failover.invariants.chronicle import Chronicle
from failover.records import JournalEntry

REBUILDING = ("REJOINING", "REJOINED")


def kept(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I14: before a copy is rebuilt, what it had acknowledged was archived, after the last of it was written."""
    found = []
    rebuilt = list(chronicle.entries(*REBUILDING))
    for entry in rebuilt:
        region, at = _copy_of(entry), chronicle.seconds(entry)
        written = [
            each.at
            for each in chronicle.acknowledged
            if (each.database, each.region) == (entry.database, region) and each.at <= at
        ]
        archived = [
            each
            for each in chronicle.journal[: chronicle.journal.index(entry)]
            if each.kind == "TAIL_ARCHIVED" and (each.database, _copy_of(each)) == (entry.database, region)
        ]
        if not any(chronicle.seconds(each) >= max(written, default=0.0) for each in archived):
            found.append(f"{entry.database}: {entry.kind} in {region}, and what it had written was not archived before")
    return len(rebuilt), found


def one_active(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I15: under one epoch workers work in one region, and under no older epoch after a newer one's first work."""
    found = set()
    places: dict[tuple[str, int], str] = {}
    newest: dict[str, int] = {}
    for work in sorted(chronicle.work, key=lambda each: each.at):
        place = places.setdefault((work.database, work.epoch), work.region)
        if place != work.region:
            found.add(f"{work.worker} worked in {work.region} under epoch {work.epoch}, which is {place}'s")
        if work.epoch < newest.get(work.database, 0):
            found.add(
                f"{work.worker} worked in {work.region} under epoch {work.epoch} at {work.at:.2f} s, "
                f"after epoch {newest[work.database]} had begun"
            )
        newest[work.database] = max(work.epoch, newest.get(work.database, 0))
    return len(chronicle.work), sorted(found)


def _copy_of(entry: JournalEntry) -> str | None:
    """The region whose copy a line is about: the one that returns, unless the line names it."""
    return entry.facts.get("region", entry.subject)
