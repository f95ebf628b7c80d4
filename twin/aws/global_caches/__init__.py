"""ElastiCache's global datastores."""

from twin.aws.global_caches.service import GlobalCaches

__all__ = ["GlobalCaches"]
