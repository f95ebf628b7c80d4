"""Checks of backups and of how databases are kept: what the services refuse, or would never find."""

from collections.abc import Iterator
from typing import Final

from failover.topology import Engine
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown

LEAST_COLD_DAYS: Final = 90
"""A backup that went to cold storage stays there for 90 days at least (AWS Backup, "Lifecycle")."""

MONTH_DAYS: Final = 31
LONGEST_INSIGHTS_DAYS: Final = 731
GROWTH: Final = 1.1
"""RDS grows a storage by a tenth at least (Amazon RDS user guide, "Managing capacity automatically")."""

MANAGED: Final = (Engine.RDS_POSTGRES, Engine.AURORA_POSTGRES)


def backups_that_outlive_their_lock(document: TopologyDocument) -> Iterator[Finding]:
    """A vault refuses backups that would be removed before its lock lets them, or kept for longer."""
    backups = document.backups
    if backups is None or backups.lock is None:
        return
    least, most = backups.lock.least_days, backups.lock.most_days
    if most < least:
        path = ("backups", "lock", "most_days")
        yield Finding(path, shown(most), f"at least least_days, which is {least}", f"write {least} or more")
        return
    kept = {
        "keep_days": backups.keep_days,
        "objects_days": backups.objects_days,
        "copies_keep_days": backups.copies_keep_days,
    }
    for key, days in kept.items():
        if not least <= days <= most:
            allowed = f"{least} to {most}, as backups.lock says"
            fix = f"write {least if days < least else most}, or change the lock"
            yield Finding(("backups", key), shown(days), allowed, fix)


def cold_for_long_enough(document: TopologyDocument) -> Iterator[Finding]:
    """What goes to cold storage stays there for its least time before it is removed."""
    backups = document.backups
    if backups is None or backups.cold_after_days is None:
        return
    shortest = min(backups.keep_days, backups.copies_keep_days if backups.copies else backups.keep_days)
    if shortest < backups.cold_after_days + LEAST_COLD_DAYS:
        allowed = f"at least {LEAST_COLD_DAYS} days before a backup or its copy is removed, which is after {shortest}"
        fix = f"keep them for {backups.cold_after_days + LEAST_COLD_DAYS} days, or remove cold_after_days"
        yield Finding(("backups", "cold_after_days"), shown(backups.cold_after_days), allowed, fix)


def upkeep_of_managed_databases(document: TopologyDocument) -> Iterator[Finding]:
    """What is said of a database's upkeep is said to RDS, of a database that there is."""
    managed = [name for name, each in document.databases.items() if each.engine in MANAGED]
    for name in document.upkeep:
        if name not in managed:
            allowed = f"a database with engine {listed(MANAGED)}: {listed(managed) or 'there is none'}"
            fix = "use hosts, if its servers are your own" if name in document.databases else "remove it"
            yield Finding(("upkeep", name), shown(name), allowed, did_you_mean(name, managed, fix))


def upkeep_of_declared_caches(document: TopologyDocument) -> Iterator[Finding]:
    """What is said of a cache's upkeep is said of a cache that there is."""
    for name in document.cache_upkeep:
        if name not in document.caches:
            allowed = f"one of the caches: {listed(document.caches) or 'there is none'}"
            fix = did_you_mean(name, document.caches, "remove it, or add it to caches")
            yield Finding(("cache_upkeep", name), shown(name), allowed, fix)


def room_that_rds_can_make(document: TopologyDocument) -> Iterator[Finding]:
    """Storage grows by itself where it has a size, and by a tenth at least."""
    for name, upkeep in document.upkeep.items():
        database = document.databases.get(name)
        if database is None or upkeep.most_storage_gib is None:
            continue
        path = ("upkeep", name, "most_storage_gib")
        if database.engine is Engine.AURORA_POSTGRES:
            allowed = f"nothing with engine {database.engine}, whose storage has no size"
            yield Finding(path, shown(upkeep.most_storage_gib), allowed, "remove most_storage_gib")
        elif upkeep.most_storage_gib < GROWTH * database.storage_gib:
            least = int(GROWTH * database.storage_gib) + 1
            allowed = f"a tenth more than storage_gib, which is {database.storage_gib}"
            yield Finding(path, shown(upkeep.most_storage_gib), allowed, f"write {least} or more")


def insights_that_rds_sells(document: TopologyDocument) -> Iterator[Finding]:
    """Performance Insights look back a week, whole months, or two years."""
    for name, upkeep in document.upkeep.items():
        days = upkeep.insights_days
        if days not in (7, LONGEST_INSIGHTS_DAYS) and days % MONTH_DAYS:
            following = days + MONTH_DAYS - days % MONTH_DAYS
            path = ("upkeep", name, "insights_days")
            fix = f"write {min(following, LONGEST_INSIGHTS_DAYS)}"
            yield Finding(path, shown(days), "7, a multiple of 31, or 731", fix)
