"""An AWS error as the caller's protocol wants it, so that its SDK reads the code and retries as it would.

Protocols: each service's botocore model; a service that speaks several is answered in the one it was asked in.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_XML: Final = "text/xml"
_JSON: Final = "application/x-amz-json-1.0"
_REST_XML: Final = frozenset({"route53", "cloudfront"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal(service: str, headers: Mapping[str, str], code: str, message: str, status: int) -> Answer:
    """Return the answer that carries an error; ``headers`` are the request's, in lower case."""
    request_id = str(uuid.uuid4())
    told = {"x-amzn-requestid": request_id}
    if service == "s3":
        text = (
            f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
        return Answer(status, told | {"content-type": "application/xml"}, text.encode())
    if service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
        return Answer(status, told | {"content-type": _XML}, text.encode())
    if service in _REST_XML or headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fault = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Answer(status, told | {"content-type": _XML}, text.encode())
    body = json.dumps({"__type": code, "message": message}).encode()
    return Answer(status, told | {"content-type": _JSON, "x-amzn-errortype": code}, body)
