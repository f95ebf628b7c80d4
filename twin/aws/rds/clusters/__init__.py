"""Aurora's clusters and global databases, bound to real PostgreSQL servers: one server for each cluster."""

from twin.aws.rds.clusters.clusters import Clusters

__all__ = ["Clusters"]
