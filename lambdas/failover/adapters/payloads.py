"""What CloudFormation leaves in S3 for its hooks, fetched by the signed link that it gives."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from failover.procedures.deploy_guard import PayloadUnreadableError

FETCH_SECONDS = 8.0
LARGEST_BYTES = 16 * 1024 * 1024
"""Templates end at 1 MB; a payload holds two, or one and the properties of what changes."""


class SignedPayloads:
    """``deploy_guard.Payloads`` over HTTP."""

    def fetch(self, url: str) -> Mapping[str, Any]:
        if not url.startswith(("https://", "http://")):
            raise PayloadUnreadableError(f"payload: got {url[:60]!r}; a link to an object in S3")
        try:
            with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - the scheme is looked at
                told = json.loads(answer.read(LARGEST_BYTES))
        except (OSError, urllib.error.URLError, ValueError) as exc:
            # Not the whole link: who has it may read the templates.
            raise PayloadUnreadableError(f"payload: {type(exc).__name__} from {url.split('?', maxsplit=1)[0]}") from exc
        if not isinstance(told, dict):
            raise PayloadUnreadableError("payload: no JSON object")
        return told
