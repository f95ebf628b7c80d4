"""What all servers of a twin share."""

from dataclasses import dataclass
from pathlib import Path

from twin.postgres.account import Account
from twin.postgres.keeper import Keeper

# Named as on RDS: the superuser that customers never are, and the role that replicas log in as.
SUPERUSER = "rdsadmin"
REPLICATION_USER = "rdsrepladmin"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all servers of a twin share: their keeper, account, programs, and the two generated passwords."""

    keeper: Keeper
    account: Account
    programs: Path
    superuser_password: str
    replication_password: str
