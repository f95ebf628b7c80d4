"""One region's copy of a self-managed database: hosts of one's own, their secrets, their archive, their name.

As with every copy the templates say what it was born as, and never who writes now: what a host follows matters only on
the day that its disk is empty.
"""

from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Names
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, accept
from stacks.constructs.allowing import allow
from stacks.constructs.database_credentials import DatabaseCredentials
from stacks.constructs.database_host import DatabaseHost
from stacks.constructs.host_access import HostAccess
from stacks.constructs.host_alarms import HostAlarms
from stacks.constructs.host_setup import HostSetup
from stacks.constructs.hosting import PORT, Hosting
from stacks.constructs.network import Network
from stacks.constructs.retention import KEPT
from topology_document.infrastructure import Infrastructure

ADDRESS_TTL_SECONDS: Final = 60
HTTPS: Final = 443
HTTP: Final = 80


class SelfManagedCopy(Construct):
    """The first host, in another zone a second one that streams from it, and the name of the first.

    Hosts are in the private subnets, since they have packages to fetch; nothing reaches them but SQL, and people come
    by Session Manager.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        database: Database,
        region: str,
        network: Network,
        key: kms.IKey,
        infrastructure: Infrastructure,
    ) -> None:
        super().__init__(scope, id)
        self.name, self._names, self._database, self._region = database.name, names, database, region
        self._hosting = Hosting(names, database, infrastructure)
        self._group = self._security_group(network)
        if region == database.born_primary:
            self._secrets()
        log = logs.LogGroup(
            self,
            "Log",
            log_group_name=names.host_log(database.name),
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=KEPT,
        )
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        profile = HostAccess(self, "Access", hosting=self._hosting, region=region, key=key, log=log).profile
        setup = HostSetup(self, "Setup", told=self._hosting.told(region))
        self.hosts: list[DatabaseHost] = []
        for number, follows in enumerate(self._follows()):
            host = DatabaseHost(
                self,
                "Standby" if number else "First",
                name=names.database_host(database.name, region) + ("-standby" if number else ""),
                instance_type=self._hosting.instance_type,
                storage_gib=database.storage_gib,
                subnet=network.vpc.private_subnets[number],
                group=self._group,
                profile=profile,
                key=key,
            )
            setup.apply(f"Setup{number + 1}", instance=host.instance, volume=host.volume, follows=follows)
            self.hosts.append(host)
        self._name(self.hosts[0])

    @property
    def endpoint(self) -> str:
        """``host:port`` of this copy, by its own name."""
        return f"{self._names.database_address(self.name, self._region)}:{PORT}"

    def allow_from(self, peer: ec2.IConnectable, description: str) -> None:
        """Let a security group reach the database; nothing else can but hosts of other regions."""
        self._group.connections.allow_from(peer, ec2.Port.tcp(PORT), description)

    def let_share(self, agent: iam.IGrantable) -> None:
        """Let the region's agent log in as a publisher: here, and where this database receives from."""
        sharing = [*self._hosting.sources, *([self.name] if self._hosting.receivers else [])]
        prefix = f"arn:aws:secretsmanager:{self._region}:{self._names.topology.account}:secret:"
        secrets = [f"{prefix}{self._names.publisher_secret(each)}-??????" for each in sharing]
        if secrets:
            allow(agent, iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=secrets))

    def watch(self, told: sns.ITopic) -> None:
        """Have people told of what goes wrong with the hosts."""
        HostAlarms(self, "Alarms", name=self.name, hosts=self.hosts, told=told)

    def _follows(self) -> list[str]:
        """What each host follows on its first day: nobody where the database was born."""
        database, address = self._database, self._names.database_address
        born_here = self._region == database.born_primary
        first = "" if born_here else address(database.name, database.born_primary)
        return [first, address(database.name, self._region)] if self._hosting.settings.standby else [first]

    def _security_group(self, network: Network) -> ec2.SecurityGroup:
        group = network.closed_security_group(self, "SecurityGroup", f"Database {self.name}")
        networks = self._hosting.networks(self._region)
        for each in networks:
            description = "PostgreSQL of this region's hosts" if each == networks[0] else "PostgreSQL of other regions"
            group.add_ingress_rule(ec2.Peer.ipv4(each), ec2.Port.tcp(PORT), description)
        for each in self._spoken_to():
            group.add_egress_rule(ec2.Peer.ipv4(each), ec2.Port.tcp(PORT), "PostgreSQL that is followed")
        for port in (HTTPS, HTTP):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port), "Packages, archive, Systems Manager")
        return group

    def _spoken_to(self) -> list[str]:
        topology = self._names.topology
        regions = [self._region, *self._database.regions]
        regions += [topology.database(name).born_primary for name in self._hosting.sources]
        return list(dict.fromkeys(topology.region(each).cidr for each in regions))

    def _secrets(self) -> None:
        """Passwords are made where the database was born, and are in every region that logs in with them."""
        names, database, topology = self._names, self._database, self._names.topology
        DatabaseCredentials(self, "Credentials", names=names, database=database)
        _password(
            self, "Replication", names.replication_secret(database.name), "lifeboat_replication", database.replicas
        )
        if receivers := self._hosting.receivers:
            elsewhere = dict.fromkeys(topology.database(each).born_primary for each in receivers)
            regions = tuple(each for each in elsewhere if each != self._region)
            _password(self, "Publisher", names.publisher_secret(database.name), "lifeboat_publisher", regions)

    def _name(self, first: DatabaseHost) -> None:
        # In the public zone, for other regions' hosts have no other in common; the address is a private one.
        route53.CfnRecordSet(
            self,
            "Address",
            hosted_zone_name=f"{self._names.topology.domain}.",
            name=f"{self._names.database_address(self.name, self._region)}.",
            type="A",
            ttl=str(ADDRESS_TTL_SECONDS),
            resource_records=[first.address],
        )


def _password(scope: Construct, id: str, name: str, username: str, regions: tuple[str, ...]) -> None:
    secret = secretsmanager.Secret(
        scope,
        id,
        secret_name=name,
        replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in regions],
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=f'{{"username": "{username}"}}',
            generate_string_key="password",
            exclude_punctuation=True,
            password_length=48,
        ),
        removal_policy=KEPT,
    )
    rotated = "a login between servers: it is changed in the secret by hand, and hosts take it over within a day"
    accept(secret, rotated, "AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
    replicas = "a key of ours in a replica's region would have to exist before that region is deployed"
    accept(secret, replicas, "NIST.800.53.R5-SecretsManagerUsingKMSKey", "CKV_AWS_149")
