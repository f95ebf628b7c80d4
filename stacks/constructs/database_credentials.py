"""The secrets of one database, made where it was born and replicated to every region that holds a copy."""

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from failover.topology import Database, Names
from stacks.acceptance import accept
from stacks.constructs.allowing import allow
from stacks.constructs.retention import KEPT

OWNER = "lifeboat_owner"
APPLICATION_ROLES = ("app_rw", "app_ro")


class DatabaseCredentials(Construct):
    """The owner's and the application roles' passwords.

    They are encrypted with each region's own ``aws/secretsmanager`` key: a key of ours in a replica's
    region would have to exist before that region is deployed.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, database: Database) -> None:
        super().__init__(scope, id)
        self._replicas = [secretsmanager.ReplicaRegion(region=region) for region in database.replicas]
        self.owner = self._secret("Owner", names.database_secret(database.name), OWNER)
        for role in APPLICATION_ROLES:
            self._secret(role, names.application_secret(database.name, role), role)

    def _secret(self, id: str, name: str, username: str) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            id,
            secret_name=name,
            replica_regions=self._replicas,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": username}),
                generate_string_key="password",
                exclude_punctuation=True,
                password_length=48,
            ),
            removal_policy=KEPT,
        )
        rotated = "its schedule is the security layer's, which comes when there is a database whose password can change"
        accept(secret, rotated, "AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
        replicas = "a key of ours in a replica's region would have to exist before that region is deployed"
        accept(secret, replicas, "NIST.800.53.R5-SecretsManagerUsingKMSKey", "CKV_AWS_149")
        return secret


class CredentialsAccess:
    """The right to read the secrets of a database in one region, where they are known by name."""

    def __init__(self, names: Names, region: str) -> None:
        self._names = names
        self._prefix = f"arn:aws:secretsmanager:{region}:{names.topology.account}:secret:"

    def grant_read(self, grantee: iam.IGrantable, database: str) -> None:
        """Let a function read the owner's and the application roles' credentials."""
        secrets = [self._names.database_secret(database)]
        secrets += [self._names.application_secret(database, role) for role in APPLICATION_ROLES]
        allow(
            grantee,
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                # Secrets Manager puts a hyphen and six characters of its own behind each name.
                resources=[f"{self._prefix}{secret}-??????" for secret in secrets],
            ),
        )
