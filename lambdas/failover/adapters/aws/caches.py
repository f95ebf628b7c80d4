"""ElastiCache global datastores: who takes the writes, and letting another region take them."""

from failover.adapters.aws.clients import client, code_of
from failover.errors import CacheNotPromotedError
from failover.regional_ports import CacheState
from failover.topology import Names, Topology


class AwsCaches:
    """``ports.CacheService``, always through the API of the region that is to take the writes."""

    def __init__(self, topology: Topology) -> None:
        self._names = Names(topology)

    def describe(self, cache: str, region: str) -> CacheState:
        datastore = self._names.global_cache(cache)
        try:
            answer = client("elasticache", region).describe_global_replication_groups(
                GlobalReplicationGroupId=datastore, ShowMemberInfo=True
            )
            found = answer["GlobalReplicationGroups"][0]
        except Exception as exc:
            raise CacheNotPromotedError(f"ElastiCache in {region} does not describe {datastore}: {exc}") from exc
        members = found.get("Members", [])
        primary = [each["ReplicationGroupRegion"] for each in members if each["Role"] == "PRIMARY"]
        regions = tuple(each["ReplicationGroupRegion"] for each in members)
        return CacheState(found["Status"], primary[0] if len(primary) == 1 else None, regions)

    def promote(self, cache: str, region: str) -> None:
        datastore = self._names.global_cache(cache)
        try:
            client("elasticache", region).failover_global_replication_group(
                GlobalReplicationGroupId=datastore,
                PrimaryRegion=region,
                PrimaryReplicationGroupId=self._names.cache_group(cache),
            )
        except Exception as exc:
            text = f"ElastiCache has not taken the promotion of {datastore} in {region}: {code_of(exc)}: {exc}"
            raise CacheNotPromotedError(text) from exc
