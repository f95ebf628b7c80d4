"""What went wrong, as it is told: a sentence that says the fix, on stderr, and an exit code; never a traceback."""

import re
from collections.abc import Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from failover.errors import LifeboatError, RequestInvalidError
from rehearsal.form import ScenarioError
from rehearsal.stage import StageError
from simulator.latencies import LatencyError
from site_hosts import AuthorityError
from stacks.cdk_command import CdkError
from topology_document import TopologyError
from twin.errors import TwinError

FAILED: Final = 1
USAGE: Final = 2

MISTAKES: Final = (TopologyError, ScenarioError, LatencyError, RequestInvalidError, AuthorityError)
"""In the command line, or in a document or folder that it names."""

FAILURES: Final = (LifeboatError, StageError, TwinError, CdkError, BotoCoreError, ClientError, OSError)

SIGN_IN: Final = "sign in (`aws sso login`), or set AWS_PROFILE"
EXPIRED: Final = f"the AWS credentials have expired: {SIGN_IN}"
STRANGE: Final = f"AWS does not know these credentials: {SIGN_IN}"
FORBIDDEN: Final = "the AWS credentials may not do that; docs/operating.md says what the commands need"
FIXES: Final = {
    "NoCredentialsError": f"no AWS credentials: {SIGN_IN}",
    "PartialCredentialsError": f"half of the AWS credentials is missing: {SIGN_IN}",
    "ProfileNotFound": "there is no such AWS profile; `aws configure list-profiles` names those that there are",
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "TokenRetrievalError": EXPIRED,
    "UnauthorizedSSOTokenError": EXPIRED,
    "SSOTokenLoadError": EXPIRED,
    "CredentialRetrievalError": f"the AWS credentials could not be had: {SIGN_IN}",
    "UnrecognizedClientException": STRANGE,
    "InvalidClientTokenId": STRANGE,
    "InvalidSignatureException": STRANGE,
    "SignatureDoesNotMatch": STRANGE,
    "IncompleteSignature": STRANGE,
    "AccessDenied": FORBIDDEN,
    "AccessDeniedException": FORBIDDEN,
}
"""What an operator can do about an error of AWS, by the error's own name."""


def told(exc: Exception) -> tuple[str, int]:
    """Return what is said of a mistake or a failure, and the exit code."""
    fix = _fix(exc)
    if isinstance(exc, BotoCoreError | ClientError):
        return (fix or f"AWS: {exc}"), FAILED
    if isinstance(exc, OSError):
        return (f"{exc.filename}: {exc.strerror}" if exc.filename else str(exc)), FAILED
    code = USAGE if isinstance(exc, MISTAKES) else FAILED
    return "\n".join(filter(None, (str(exc), fix))), code


def _fix(exc: Exception) -> str | None:
    """An adapter names AWS's error in its own, or stands before it."""
    for each in _chain(exc):
        for word in re.findall(r"\w+", f"{type(each).__name__} {each}"):
            if word in FIXES:
                return FIXES[word]
    return None


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__
