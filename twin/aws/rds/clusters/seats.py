"""The server behind each cluster: made with it, started and ended with its region."""

from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.records import Cluster
from twin.aws.rds.instances import Instances
from twin.postgres import Credentials


class Seats:
    """Binds servers to the records of clusters; a cluster's instances are all this one server."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances

    def create(self, cluster: Cluster) -> None:
        """Start a cluster's server: a new database, or a replica of the writer of its global database.

        Raises:
            PostgresError: it does not start, or the writer's server does not answer.
        """
        key = records.key_of(cluster)
        region, identifier = key
        cluster["Endpoint"] = records.endpoint(region, identifier)
        cluster["ReaderEndpoint"] = records.endpoint(region, identifier, readers=True)
        whole = records.global_of(cluster)
        writer = records.writer_of(whole) if whole is not None else None
        source = None if writer is None or writer is cluster else self._instances.server(*records.key_of(writer))
        master = Credentials(
            str(cluster["MasterUsername"]), str(cluster["_MasterUserPassword"]), str(cluster["DatabaseName"])
        )
        self._instances.bind(key, cluster["Endpoint"], source, master)

    def remove(self, region: str, identifier: str) -> None:
        """End a cluster's server and delete its data."""
        self._instances.unbind((region, identifier), records.endpoint(region, identifier))
