"""Clients that wait on no region for longer than a fixed box, made when first needed."""

from functools import cache
from typing import Any

UNREACHABLE = (
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "IncompleteReadError",
    "ReadTimeoutError",
    "ResponseParserError",
    "SSLError",
    "ProxyConnectionError",
    "HTTPClientError",
    "ResponseStreamingError",
)
SERVER_FAULTS = (
    "InternalServerError",
    "InternalServerException",
    "InternalFailure",
    "ServiceException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
)
THROTTLES = (
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)


@cache
def client(service: str, region: str, read_seconds: float = 3.0, connect_seconds: float = 1.0) -> Any:
    """Return a client that makes one attempt, and waits so long to connect and so long for the answer.

    One attempt, because whoever calls knows better whether to ask again, ask elsewhere, or look first.
    """
    import boto3
    from botocore.config import Config

    bounds = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return boto3.client(service, region_name=region, config=bounds)  # type: ignore[call-overload]


def code_of(exc: Exception) -> str:
    """Return the service's error code, or the class name of a transport's error."""
    response = getattr(exc, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", type(exc).__name__))
    return type(exc).__name__


def unclear(exc: Exception) -> bool:
    """Whether a request may have taken effect although it failed."""
    status = (getattr(exc, "response", None) or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or code_of(exc) in (*UNREACHABLE, *SERVER_FAULTS)


def refused(exc: Exception) -> bool:
    """Whether the service has answered, with an error: a request that it did not carry out, unless it is unclear."""
    return isinstance(getattr(exc, "response", None), dict)
