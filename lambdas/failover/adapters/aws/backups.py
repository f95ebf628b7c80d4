"""The automated backups of a copy on RDS, from before it is a writer to after.

``PromoteReadReplica`` keeps them for one day unless it is told otherwise, and ``CreateDBInstanceReadReplica`` makes
none and takes no number of days (RDS API). So a promotion says what the copy has, and a replica that was made anew
carries in a tag what the instance before it had.
"""

from typing import Any, Final

DAYS_TAG: Final = "lifeboat:recovery-days"
FEWEST_DAYS: Final = 1
"""None would leave a writer of which no replica can be made."""


def kept_by(instance: dict[str, Any]) -> dict[str, Any]:
    """Return what a promotion of this replica, as RDS describes it, shall ask for.

    The window is its own always: another's might lie in its maintenance window, for which a promotion is refused.
    """
    asked: dict[str, Any] = {"BackupRetentionPeriod": days_of(instance)}
    if window := instance.get("PreferredBackupWindow"):
        asked["PreferredBackupWindow"] = window
    return asked


def days_of(instance: dict[str, Any]) -> int:
    """For how many days the backups of this instance are kept, or shall be once it is promoted."""
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("TagList", [])}
    told = str(tags.get(DAYS_TAG, ""))
    return instance.get("BackupRetentionPeriod") or (int(told) if told.isdecimal() else 0) or FEWEST_DAYS


def tagged(instance: dict[str, Any]) -> dict[str, str]:
    """Return the tag by which a replica in this instance's place knows its days."""
    return {"Key": DAYS_TAG, "Value": str(days_of(instance))}
