"""A database's logins, from the Secrets Manager of the function's own region."""

import json

from failover.adapters.aws.clients import client, code_of
from failover.errors import DatabaseUnreachableError


def login(secret: str, region: str) -> tuple[str, str]:
    """Return (user, password); secrets are replicated, so that no other region is asked for them.

    Raises:
        DatabaseUnreachableError: the secret cannot be read, so that nobody can log in.
    """
    document = _document(secret, region)
    return document["username"], document["password"]


def passwords(secret: str, region: str) -> tuple[str, ...]:
    """Return the passwords of which one is right: while it is changed a secret has the next one too, then the last.

    Raises:
        DatabaseUnreachableError: the secret cannot be read, so that nobody can log in.
    """
    document = _document(secret, region)
    return tuple(document[key] for key in ("password", "other") if document.get(key))


def _document(secret: str, region: str) -> dict[str, str]:
    try:
        told = client("secretsmanager", region).get_secret_value(SecretId=secret)["SecretString"]
    except Exception as exc:
        raise DatabaseUnreachableError(f"the secret {secret} cannot be read in {region}: {code_of(exc)}") from exc
    document: dict[str, str] = json.loads(told)
    return document
