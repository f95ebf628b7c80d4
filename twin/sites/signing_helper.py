"""``aws_signing_helper credential-process``, as much of it as sites ask for, with the twin's IAM Roles Anywhere.

AWS's program signs a request with the site's key and gets credentials from the trust anchor's region. Here the region
must answer too, over the site's own way there, and the certificate must be one of the authority that the region's trust
anchor was deployed with, in its time, and its key be at hand. What it gives are the emulated account's credentials.
"""

import argparse
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

ANSWER_SECONDS: Final = 2.0
AUTHORITY: Final = "LIFEBOAT_TWIN_AUTHORITY"
"""The parameter that trust anchors are deployed from."""


class RefusedError(Exception):
    """What AWS would answer with AccessDenied."""


def credentials(asked: argparse.Namespace, authority: str, now: datetime) -> dict[str, Any]:
    """Return what AWS's tools take of a ``credential_process``.

    ``authority`` is the certificate in the region's trust anchor, as PEM.

    Raises:
        RefusedError: the certificate is not its own, or not of now, or of another key.
    """
    certificate = x509.load_pem_x509_certificate(Path(asked.certificate).read_bytes())
    key = serialization.load_pem_private_key(Path(asked.private_key).read_bytes(), password=None)
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
    except (ValueError, TypeError, InvalidSignature) as exc:
        raise RefusedError(f"the certificate is not of the trust anchor's authority: {exc}") from exc
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise RefusedError(f"the certificate counts until {certificate.not_valid_after_utc}, and it is {now}")
    if certificate.public_key() != key.public_key():
        raise RefusedError("the key is not the certificate's")
    expires = now + timedelta(seconds=int(asked.session_duration))
    account = asked.role_arn.split(":")[4]
    return {
        "Version": 1,
        "AccessKeyId": account,
        "SecretAccessKey": "twin",
        "SessionToken": asked.role_arn.rpartition("/")[2],
        "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def main() -> None:
    """Write the credentials, or say why there are none."""
    options = argparse.ArgumentParser()
    options.add_argument("command", choices=["credential-process"])
    for name in (
        *("--certificate", "--private-key", "--region", "--role-arn"),
        *("--trust-anchor-arn", "--profile-arn", "--session-duration"),
    ):
        options.add_argument(name, required=True)
    asked = options.parse_args()
    try:
        told = credentials(asked, _authority(asked), datetime.now(UTC))
    except Exception as exc:  # noqa: BLE001 - whatever it is, whoever asked is told, and tries the next door
        sys.exit(f"{type(exc).__name__}: {exc}")
    sys.stdout.write(json.dumps(told))


def _authority(asked: argparse.Namespace) -> str:
    """Return the certificate of a region's trust anchor; the question goes to that region, and may find it lost.

    Without an SDK, which would take longer to import than whoever asks is willing to wait.
    """
    account, endpoint = asked.role_arn.split(":")[4], urlsplit(os.environ["AWS_ENDPOINT_URL"])
    connection = HTTPConnection(str(endpoint.hostname), endpoint.port, timeout=ANSWER_SECONDS)
    scope = f"{account}/20260101/{asked.region}/ssm/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonSSM.GetParameter",
    }
    try:
        connection.request("POST", "/", json.dumps({"Name": os.environ[AUTHORITY]}), headers)
        return str(json.loads(connection.getresponse().read())["Parameter"]["Value"])
    finally:
        connection.close()


if __name__ == "__main__":
    main()
