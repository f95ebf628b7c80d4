"""A secret with its versions, in Secrets Manager."""

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from failover.adapters.aws.clients import client, code_of
from failover.errors import DatabaseUnreachableError
from failover.procedures.rotating import Secret

T = TypeVar("T")

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
LENGTH: Final = 48


class AwsVault:
    """``rotating.Vault``; a version is named by the token of the change that makes it."""

    def __init__(self, secret: str, region: str) -> None:
        self._secret, self._region = secret, region

    def current(self) -> Secret:
        found = self._ask(lambda vault: vault.get_secret_value(SecretId=self._secret, VersionStage=CURRENT))
        told: Secret = json.loads(found["SecretString"])
        return told

    def pending(self, version: str) -> Secret | None:
        def read(vault: Any) -> Any:
            try:
                return vault.get_secret_value(SecretId=self._secret, VersionId=version, VersionStage=PENDING)
            except vault.exceptions.ResourceNotFoundException:
                return None  # Secrets Manager makes the version without a value, and its label before that

        found = self._ask(read)
        return None if found is None else json.loads(found["SecretString"])

    def propose(self, version: str, secret: Secret) -> None:
        if self.pending(version) is None:
            self._put(secret, ClientRequestToken=version, VersionStages=[PENDING])

    def publish(self, secret: Secret) -> None:
        self._put(secret, VersionStages=[CURRENT])

    def in_step(self) -> bool:
        told = self._ask(lambda vault: vault.describe_secret(SecretId=self._secret))
        return all(replica["Status"] == "InSync" for replica in told.get("ReplicationStatus", ()))

    def finish(self, version: str) -> None:
        versions = self._ask(lambda vault: vault.describe_secret(SecretId=self._secret))["VersionIdsToStages"]
        current = next(each for each, stages in versions.items() if CURRENT in stages)
        if current != version:
            self._ask(
                lambda vault: vault.update_secret_version_stage(
                    SecretId=self._secret, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=current
                )
            )

    def new_password(self) -> str:
        """Return a password of letters and digits."""
        told: str = self._ask(lambda vault: vault.get_random_password(PasswordLength=LENGTH, ExcludePunctuation=True))[
            "RandomPassword"
        ]
        return told

    def _put(self, secret: Secret, **more: Any) -> None:
        text = json.dumps(dict(secret))
        self._ask(lambda vault: vault.put_secret_value(SecretId=self._secret, SecretString=text, **more))

    def _ask(self, ask: Callable[[Any], T]) -> T:
        try:
            return ask(client("secretsmanager", self._region))
        except Exception as exc:
            raise DatabaseUnreachableError(f"the secret {self._secret} is out of reach: {code_of(exc)}") from exc
