"""MiniStack's records of clusters and global databases: how they are found, named and linked.

As in ``twin.aws.rds.records``, everything works from any thread.
"""

from typing import Any

from ministack.services import rds as ministack_rds

from twin.aws.rds.records import ENDPOINT_LABEL

Cluster = dict[str, Any]
Global = dict[str, Any]
Key = tuple[str, str]  # region, cluster identifier


def region_of(arn: str) -> str:
    """The region in a cluster's ARN."""
    return arn.split(":")[3]


def key_of(cluster: Cluster) -> Key:
    """The region and the identifier of a cluster."""
    return region_of(cluster["DBClusterArn"]), str(cluster["DBClusterIdentifier"])


def endpoint(region: str, identifier: str, *, readers: bool = False) -> str:
    """The DNS name of a cluster's writer, or of its readers."""
    return f"{identifier}.cluster-{'ro-' if readers else ''}{ENDPOINT_LABEL}.{region}.rds.amazonaws.com"


def find(region: str, identifier: str) -> Cluster | None:
    """Return the record of a cluster, whatever the account; None when there is none."""
    for (_, at, name), record in list(ministack_rds._clusters._data.items()):
        if (at, name) == (region, identifier):
            found: Cluster = record
            return found
    return None


def by_arn(arn: str) -> Cluster | None:
    """Return the record of the cluster with this ARN."""
    return find(region_of(arn), arn.rpartition(":")[2]) if arn.count(":") >= 6 else None


def find_global(identifier: str) -> Global | None:
    """Return the record of a global database; its identifier is not case-sensitive."""
    for (_, name), record in list(ministack_rds._global_clusters._data.items()):
        if name == identifier.lower():
            found: Global = record
            return found
    return None


def global_of(cluster: Cluster) -> Global | None:
    """Return the global database that a cluster is a member of."""
    identifier = cluster.get("GlobalClusterIdentifier")
    return find_global(str(identifier)) if identifier else None


def member(whole: Global, cluster: Cluster) -> dict[str, Any] | None:
    """Return what a global database says of a member."""
    return next(
        (each for each in whole["GlobalClusterMembers"] if each["DBClusterArn"] == cluster["DBClusterArn"]), None
    )


def clusters_of(whole: Global) -> list[Cluster]:
    """Return the records of all members."""
    found = (by_arn(each["DBClusterArn"]) for each in whole["GlobalClusterMembers"])
    return [cluster for cluster in found if cluster is not None]


def writer_of(whole: Global) -> Cluster | None:
    """Return the member that takes the writes."""
    return next((each for each in clusters_of(whole) if (member(whole, each) or {}).get("IsWriter")), None)


def write_writer(whole: Global, writer: Cluster) -> None:
    """Say that this member takes the writes, and no other; an instance is its writer, and there is no other."""
    for each in clusters_of(whole):
        told, is_writer = member(whole, each), each is writer
        if told is not None:
            told["IsWriter"] = is_writer
        for number, instance in enumerate(each.get("DBClusterMembers", [])):
            instance["IsClusterWriter"] = is_writer and number == 0
