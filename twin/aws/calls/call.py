"""Who asks which region's service for what, read from a request as it comes in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import parse_qs

from ministack.core import iam_actions

OPERATOR: Final = "operator"
UNSIGNED: Final = "unsigned"
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
_KEY: Final = re.compile(r"Credential=([^/]+)/")
_RPC: Final = re.compile(r"^/service/[^/]+/operation/([A-Za-z0-9]+)$")
_FORM: Final = "application/x-www-form-urlencoded"
_MODELS: Final = {"apigateway": ("apigatewayv2", "apigateway")}
"""The botocore models of a signing name that is no model's name."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call.

    ``source`` is the region that the call comes from, by the listener that it came to, or ``operator``;
    ``target`` and ``service`` are those of the credential scope, so that ``service`` is the signing name
    (``states``, ``monitoring``); ``action`` is the API's operation, or the HTTP method where there is none.
    """

    source: str
    target: str
    service: str
    action: str


@dataclass(frozen=True, slots=True)
class Request:
    """What of an HTTP request says which call it is; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    form: bytes = b""

    @property
    def is_form(self) -> bool:
        """Whether the body must be read before the action is known."""
        return self.headers.get("content-type", "").startswith(_FORM)

    def parameters(self) -> dict[str, list[str]]:
        """The query's and the form's parameters."""
        return parse_qs(self.query, keep_blank_values=True) | parse_qs(self.form.decode("utf-8", "replace"))


def key_of(authorization: str) -> str:
    """Return the access key that a request is signed with, by its header of that name; empty if it has none."""
    found = _KEY.search(authorization)
    return found[1] if found else ""


def call_of(request: Request, source: str) -> Call:
    """Return the call that a request is; unsigned requests go to the caller's own region."""
    parameters = request.parameters()
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    if scope:
        target, service = scope.groups()
    elif signed := parameters.get("X-Amz-Credential"):
        # A presigned URL: AKID/date/region/service/aws4_request.
        parts = signed[0].split("/")
        target, service = (parts[2], parts[3]) if len(parts) == 5 else (source, UNSIGNED)
    else:
        target, service = source, UNSIGNED
    return Call(source, target, service, _action(request, service, parameters))


def _action(request: Request, service: str, parameters: dict[str, list[str]]) -> str:
    if target := request.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if rpc := _RPC.match(request.path):
        return rpc.group(1)
    if action := parameters.get("Action"):
        return action[0]
    if service == "s3":
        return iam_actions._s3_action(request.method, request.path, parameters) or request.method
    return _operation(request, service, parameters) or request.method


def _operation(request: Request, service: str, parameters: dict[str, list[str]]) -> str | None:
    """Return the operation of a REST API that a path is for: of all that match the most specific."""
    path = request.path.rstrip("/") or "/"
    fits = (
        (specificity, name)
        for method, pattern, name, specificity, wanted in _routes(service)
        if method == request.method
        and pattern.match(path)
        and all(key in parameters and value in ("", parameters[key][0]) for key, value in wanted.items())
    )
    return max(fits, default=(0, None))[1]


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], str, int, dict[str, str]]]:
    models = _MODELS.get(service, (service,))
    return [route for model in models for route in iam_actions._load_botocore_routes(model)]
