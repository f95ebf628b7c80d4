"""``aws_signing_helper credential-process``, as much of it as sites ask for, with the twin's IAM Roles Anywhere.

AWS's program signs a request with the site's key and gets credentials from the trust anchor's region. Here the region
must answer too, over the site's own way there, and the certificate must be one of the authority that the region's trust
anchor was deployed with, in its time, and its key be at hand. What it gives is a session of the site's role.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

ANSWER_SECONDS: Final = 2.0
AUTHORITY: Final = "LIFEBOAT_TWIN_AUTHORITY"
"""The parameter that trust anchors are deployed from."""


class RefusedError(Exception):
    """What AWS would answer with AccessDenied."""


def credentials(
    asked: argparse.Namespace, authority: str, now: datetime, assume: Callable[[str], dict[str, str]]
) -> dict[str, Any]:
    """Return what AWS's tools take of a ``credential_process``.

    ``authority`` is the certificate in the region's trust anchor, as PEM; ``assume`` gives a session of that name.

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
    return {"Version": 1, **assume(f"{certificate.serial_number:x}")}


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
        told = credentials(asked, _authority(asked), datetime.now(UTC), lambda session: _assumed(asked, session))
    except Exception as exc:  # noqa: BLE001 - whatever it is, whoever asked is told, and tries the next door
        sys.exit(f"{type(exc).__name__}: {exc}")
    sys.stdout.write(json.dumps(told))


def _authority(asked: argparse.Namespace) -> str:
    """Return the certificate of a region's trust anchor."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameter"}
    told = json.loads(_answer(asked, "ssm", json.dumps({"Name": os.environ[AUTHORITY]}), headers))
    return str(told["Parameter"]["Value"])


def _assumed(asked: argparse.Namespace, session: str) -> dict[str, str]:
    """Return a session of the site's role, which Roles Anywhere names by the certificate's serial number."""
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": asked.role_arn,
        "RoleSessionName": session,
        "DurationSeconds": asked.session_duration,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = ElementTree.fromstring(_answer(asked, "sts", urlencode(form), headers)).find(".//{*}Credentials")  # noqa: S314 - the twin's own
    if told is None:
        raise RefusedError(f"{asked.role_arn} cannot be assumed")
    return {each.tag.rpartition("}")[2]: str(each.text) for each in told}


def _answer(asked: argparse.Namespace, service: str, body: str, headers: dict[str, str]) -> bytes:
    """Ask a service of the region, which may be found lost.

    Without an SDK, which would take longer to import than whoever asks is willing to wait.
    """
    account, endpoint = asked.role_arn.split(":")[4], urlsplit(os.environ["AWS_ENDPOINT_URL"])
    connection = HTTPConnection(str(endpoint.hostname), endpoint.port, timeout=ANSWER_SECONDS)
    scope = f"{account}/20260101/{asked.region}/{service}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    try:
        connection.request("POST", "/", body, {"Authorization": authorization, **headers})
        return connection.getresponse().read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
