"""The rows of the table that are about buckets, tables, models, backups and the upkeep of databases."""

from typing import Final

from topology_document.checks import keeping, kept
from topology_document.checks.check import Check

KEPT: Final = (
    Check(kept.kept_in_declared_regions, ("regions.*", "buckets.*", "tables.*", "models.*", "backups")),
    Check(kept.kept_once, ("buckets.*.regions", "tables.*.replicas", "models.*.order")),
    Check(
        kept.copies_stay_in_their_zone,
        ("regions.*.zone", "regions.*.role", "tables.*.*", "models.*.*", "backups.copies"),
    ),
    Check(kept.latest_of_each_region, ("tables.*.*",)),
    Check(kept.buckets_that_s3_takes, ("name", "account", "regions.*", "buckets.*.*")),
    Check(kept.shares_that_grow, ("models.*.*",)),
    Check(keeping.backups_that_outlive_their_lock, ("backups",)),
    Check(keeping.cold_for_long_enough, ("backups",)),
    Check(keeping.upkeep_of_managed_databases, ("databases.*.engine", "upkeep.*")),
    Check(keeping.upkeep_of_declared_caches, ("caches.*", "cache_upkeep.*")),
    Check(keeping.room_that_rds_can_make, ("databases.*.engine", "databases.*.storage_gib", "upkeep.*")),
    Check(keeping.insights_that_rds_sells, ("upkeep.*",)),
)
