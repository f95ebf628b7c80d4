"""MiniStack's RDS, bound to real PostgreSQL servers: replicas replicate, promotions promote, outages kill."""

from twin.aws import settings as _settings  # noqa: F401 - it imports MiniStack, as everything here needs it
from twin.aws.rds.durations import Durations
from twin.aws.rds.faults import PromotionFaults
from twin.aws.rds.service import Rds

__all__ = ["Durations", "PromotionFaults", "Rds"]
