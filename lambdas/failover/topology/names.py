"""Every name that two stacks, or a stack and a function, must agree on, computed from the topology alone.

No stack refers to another region's stack, so that any region can be deployed, updated or lost alone:
what one needs of another is a name from here.
"""

import hashlib
from dataclasses import dataclass

from failover.topology.model import Topology
from failover.topology.places import GLOBAL_CACHE_PREFIXES


@dataclass(frozen=True, slots=True)
class Names:
    """The computed names of one topology."""

    topology: Topology

    def stack(self, layer: str, region: str) -> str:
        """The CloudFormation stack of a layer, one of those in ``stacks.product.Product``."""
        return f"lifeboat-{self.topology.name}-{layer}-{region}"

    @property
    def home(self) -> str:
        """The region of the global layer's stacks; Route 53 and CloudFront take theirs from us-east-1."""
        return "us-east-1"

    @property
    def quorum_table(self) -> str:
        """The DynamoDB global table that is the quorum store."""
        return f"lifeboat-{self.topology.name}-quorum"

    def quorum_table_arn(self, region: str) -> str:
        """The ARN of the quorum store's replica in a region."""
        return f"arn:aws:dynamodb:{region}:{self.topology.account}:table/{self.quorum_table}"

    @property
    def local_table(self) -> str:
        """Each control region's own copy of the last known roles and evacuations."""
        return f"lifeboat-{self.topology.name}-local"

    def function(self, step: str) -> str:
        """The Lambda function of a step, given its folder's name (``promote_database``)."""
        return f"lifeboat-{self.topology.name}-{step.replace('_', '-')}"

    def function_arn(self, step: str, region: str) -> str:
        """The ARN of a step's function in a region."""
        return f"arn:aws:lambda:{region}:{self.topology.account}:function:{self.function(step)}"

    def machine(self, machine: str) -> str:
        """The Step Functions state machine of that name (``failover``)."""
        return f"lifeboat-{self.topology.name}-{machine.replace('_', '-')}"

    def machine_arn(self, machine: str, region: str) -> str:
        """The ARN of a state machine in a control region."""
        return f"arn:aws:states:{region}:{self.topology.account}:stateMachine:{self.machine(machine)}"

    @property
    def pages_topic(self) -> str:
        """The SNS topic that pages people, one in each control region."""
        return f"lifeboat-{self.topology.name}-pages"

    def pages_topic_arn(self, region: str) -> str:
        """The ARN of the paging topic of a control region."""
        return f"arn:aws:sns:{region}:{self.topology.account}:{self.pages_topic}"

    def db_instance(self, database: str, region: str) -> str:
        """The RDS instance identifier of a database's copy in a region."""
        return f"{self.topology.name}-{database}-{region}"

    def db_instance_before(self, database: str, region: str, epoch: int) -> str:
        """The name under which an instance is kept that was replaced by a replica of the writer of an epoch."""
        return f"{self.db_instance(database, region)}-before-{epoch}"

    def db_instance_arn(self, database: str, region: str) -> str:
        """The ARN of a database's copy in a region."""
        return f"arn:aws:rds:{region}:{self.topology.account}:db:{self.db_instance(database, region)}"

    def db_cluster(self, database: str, region: str) -> str:
        """The Aurora cluster identifier of a database's copy in a region; RDS keeps clusters and instances apart."""
        return f"{self.topology.name}-{database}-{region}"

    def db_cluster_arn(self, database: str, region: str) -> str:
        """The ARN of a database's Aurora cluster in a region."""
        return f"arn:aws:rds:{region}:{self.topology.account}:cluster:{self.db_cluster(database, region)}"

    def db_cluster_instance(self, database: str, region: str, number: int) -> str:
        """The identifier of one of the instances of an Aurora cluster, numbered from 1."""
        return f"{self.db_cluster(database, region)}-{number}"

    def global_database(self, database: str) -> str:
        """The Aurora global database that a database's clusters are members of."""
        return f"{self.topology.name}-{database}"

    def global_database_arn(self, database: str) -> str:
        """The ARN of a global database, which has no region."""
        return f"arn:aws:rds::{self.topology.account}:global-cluster:{self.global_database(database)}"

    def database_secret(self, database: str) -> str:
        """The secret with the owner's credentials of a database, replicated to every region that holds it."""
        return f"lifeboat/{self.topology.name}/{database}/owner"

    def application_secret(self, database: str, role: str) -> str:
        """The secret of one application role of a database (``app_rw``, ``app_ro``), replicated as the owner's."""
        return f"lifeboat/{self.topology.name}/{database}/{role}"

    def replication_secret(self, database: str) -> str:
        """The secret of the login by which a self-managed database's copies receive from its writer."""
        return f"lifeboat/{self.topology.name}/{database}/replication"

    def publisher_secret(self, database: str) -> str:
        """The secret of the login by which others receive what a database publishes, replicated to them."""
        return f"lifeboat/{self.topology.name}/{database}/publisher"

    def login_secrets(self, database: str) -> dict[str, str]:
        """The secrets of everybody who logs in to a database, by who that is."""
        roles = {role: self.application_secret(database, role) for role in ("app_rw", "app_ro")}
        return {"owner": self.database_secret(database), **roles}

    @property
    def cluster(self) -> str:
        """The EKS cluster of a region, of the same name in each."""
        return f"lifeboat-{self.topology.name}"

    @property
    def node_group(self) -> str:
        """The managed node group of a region's cluster."""
        return f"lifeboat-{self.topology.name}-nodes"

    @property
    def load_balancer(self) -> str:
        """A region's load balancer, where others look for it; by its end staging's has no part of it."""
        return f"{self.topology.name}-door"

    @property
    def green(self) -> str:
        """The namespace and the target group of the second colour of a region's pods; the first has the product's."""
        return f"{self.topology.name}-green"

    def node_group_arn(self, region: str) -> str:
        """The ARN of a region's node group, but for the id that EKS puts behind it."""
        place = f"arn:aws:eks:{region}:{self.topology.account}:nodegroup"
        return f"{place}/{self.cluster}/{self.node_group}/*"

    def cache_group(self, cache: str) -> str:
        """The ElastiCache replication group of a cache, of the same name in each region."""
        return f"{self.topology.name}-{cache}"

    def cache_group_arn(self, cache: str, region: str) -> str:
        """The ARN of a cache's replication group in a region."""
        return f"arn:aws:elasticache:{region}:{self.topology.account}:replicationgroup:{self.cache_group(cache)}"

    def global_cache(self, cache: str) -> str:
        """The ElastiCache global datastore of a global cache; AWS puts the prefix of its born region before it."""
        born_in = next(each.born_primary for each in self.topology.caches if each.name == cache)
        return f"{GLOBAL_CACHE_PREFIXES[born_in]}-{self.cache_group(cache)}"

    def global_cache_arn(self, cache: str) -> str:
        """The ARN of a global datastore, which has no region."""
        return f"arn:aws:elasticache::{self.topology.account}:globalreplicationgroup:{self.global_cache(cache)}"

    def cache_secret(self, cache: str) -> str:
        """The secret with a cache's password: one in each region, or for a global cache one and its replicas."""
        return f"lifeboat/{self.topology.name}/cache/{cache}"

    def database_host(self, database: str, region: str) -> str:
        """The tag ``Name`` of the host of a self-managed database's copy in a region."""
        return f"{self.topology.name}-{database}-{region}"

    def database_address(self, database: str, region: str) -> str:
        """The DNS name at which that host's server is reached, inside the product's networks."""
        return f"{database}.{region}.database.{self.topology.domain}"

    def host_backups(self, database: str) -> str:
        """The beginning of the keys under which a region's bucket has the backups of a self-managed database."""
        return f"postgres/{database}"

    def host_log(self, database: str) -> str:
        """The log group of a self-managed database's servers, of the same name in each region."""
        return f"/lifeboat/{self.topology.name}/postgres/{database}"

    def tails(self, database: str) -> str:
        """The beginning of the keys under which a region's bucket keeps what old writers of a database alone had."""
        return f"tails/{database}/"

    @property
    def data_key_alias(self) -> str:
        """The alias of the KMS key that encrypts a region's data."""
        return f"alias/lifeboat-{self.topology.name}-data"

    def data_key_alias_arn(self, region: str) -> str:
        """The ARN of that alias in a region."""
        return f"arn:aws:kms:{region}:{self.topology.account}:{self.data_key_alias}"

    def replication_role(self, region: str) -> str:
        """The IAM role with which S3 copies a region's objects to the others."""
        return f"lifeboat-{self.topology.name}-replication-{region}"

    def bucket(self, region: str) -> str:
        """The S3 bucket of a region."""
        return f"lifeboat-{self.topology.name}-{self.topology.account}-{region}"

    def origin(self, region: str) -> str:
        """The DNS name of a region's own load balancer: probed by observers, pointed at by routes."""
        return f"{region}.origin.{self.topology.domain}"

    def route(self, route: str) -> str:
        """The public DNS name of a route; ``@`` is the domain itself."""
        return self.topology.domain if route == "@" else f"{route}.{self.topology.domain}"

    def lever(self, control_region: str) -> str:
        """The DNS name of a control region's lever endpoint."""
        return f"{control_region}.lever.{self.topology.domain}"

    def lever_path(self, region: str) -> str:
        """The path at which a lever endpoint answers for a region."""
        return f"/levers/{region}"

    def lever_token(self, region: str) -> str:
        """The text that a lever endpoint answers when, and only when, the region is evacuated.

        Route 53 matches a substring, so the token carries a digest that nothing else will contain.
        """
        told = hashlib.sha256(f"{self.topology.name}/{self.topology.domain}/{region}".encode()).hexdigest()
        return f"evacuated-{region}-{told[:20]}"

    @property
    def deploy_hook(self) -> str:
        """The name of the CloudFormation hook that guards deployments; its parts may have no hyphen."""
        return f"Lifeboat::{self.topology.name.replace('-', 'X')}::DeployGuard"

    @property
    def metrics_namespace(self) -> str:
        """The CloudWatch namespace of the control plane's own metrics."""
        return "Lifeboat"

    @property
    def event_source(self) -> str:
        """The ``source`` of the control plane's own events on EventBridge."""
        return "lifeboat"
