"""The words that the section ``security`` is written in."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Strict, WithJsonSchema

from topology_document.values import refused

ROLE_ARN: Final = r"arn:aws:iam::[0-9]{12}:(?:role|user)/[A-Za-z0-9+=,.@_/-]+"
ISSUER: Final = r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-])?"
PATH: Final = r"/[A-Za-z0-9._~/-]*"
PCR: Final = r"[0-9a-f]{96}"
"""SHA-384 in hexadecimal digits."""


class Service(StrEnum):
    """What exists once in an account and region, or once in an account."""

    GUARDDUTY = "guardduty"
    CONFIG = "config"
    SECURITY_HUB = "security-hub"
    MACIE = "macie"
    INSPECTOR = "inspector"
    ACCESS_ANALYZER = "access-analyzer"
    TRAIL = "trail"
    ACCOUNT_SETTINGS = "account-settings"


class Protection(StrEnum):
    """GuardDuty's protection plans."""

    S3 = "s3"
    EKS = "eks"
    RDS = "rds"
    LAMBDA = "lambda"
    RUNTIME = "runtime"
    MALWARE = "malware"


class Law(StrEnum):
    """Laws on personal data that a product's document names."""

    GDPR = "GDPR"
    FDPA = "FDPA"
    DPDP = "DPDP"
    CCPA = "CCPA"
    PIPEDA = "PIPEDA"
    PDPA = "PDPA"


class Standard(StrEnum):
    """Security Hub's standards."""

    FSBP = "fsbp"
    NIST = "nist-800-53"
    CIS = "cis"


class Scanned(StrEnum):
    """What Inspector scans."""

    INSTANCES = "EC2"
    IMAGES = "ECR"
    FUNCTIONS = "LAMBDA"


class Severity(StrEnum):
    """Of a finding of Security Hub."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"


def _principal(value: str) -> str:
    if not re.fullmatch(ROLE_ARN, value):
        fix = "write it such as arn:aws:iam::111122223333:role/sre-on-call"
        raise refused("the ARN of an IAM role or user", fix)
    return value


def _measurement(value: str) -> str:
    if not re.fullmatch(PCR, value):
        fix = "write what `nitro-cli build-enclave` printed as PCR0, in quotes"
        raise refused("a PCR0, which has 96 hexadecimal digits", fix)
    if not value.strip("0"):
        fix = "build the image without debug mode, and write what `nitro-cli build-enclave` prints as PCR0"
        raise refused("the PCR0 of an image; every enclave in debug mode has one of zeros", fix)
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as exc:
        raise refused("a regular expression", f"mend it: {exc}") from None
    return value


def _issuer(value: str) -> str:
    if not re.fullmatch(ISSUER, value):
        raise refused("an HTTPS URL without a slash at its end", "write it such as https://auth.shop.example")
    return value


def _path(value: str) -> str:
    if not re.fullmatch(PATH, value):
        raise refused("a path that begins with / and has no * in it", "write it such as /auth")
    return value


def _reason(value: str) -> str:
    if len(value.split()) < 3:
        raise refused(
            "a reason of three words or more", "write who has it, such as: the security account administers it"
        )
    return value


ServiceName = Annotated[Service, Strict(strict=False)]
ProtectionName = Annotated[Protection, Strict(strict=False)]
LawName = Annotated[Law, Strict(strict=False)]
StandardName = Annotated[Standard, Strict(strict=False)]
SeverityName = Annotated[Severity, Strict(strict=False)]
ScannedName = Annotated[Scanned, Strict(strict=False)]
Pattern = Annotated[
    str,
    AfterValidator(_pattern),
    WithJsonSchema({"type": "string", "format": "regex", "description": "A regular expression."}),
]
PrincipalArn = Annotated[
    str,
    AfterValidator(_principal),
    WithJsonSchema({"type": "string", "pattern": f"^{ROLE_ARN}$", "description": "An IAM role or user."}),
]
Measurement = Annotated[
    str,
    AfterValidator(_measurement),
    WithJsonSchema({"type": "string", "pattern": f"^{PCR}$", "description": "The PCR0 of an enclave's image."}),
]
Reason = Annotated[
    str,
    AfterValidator(_reason),
    WithJsonSchema({"type": "string", "description": "Why, in three words or more."}),
]
IssuerUrl = Annotated[
    str,
    AfterValidator(_issuer),
    WithJsonSchema({"type": "string", "pattern": f"^(?:{ISSUER})$", "description": "An HTTPS URL."}),
]
UrlPath = Annotated[
    str,
    AfterValidator(_path),
    WithJsonSchema({"type": "string", "pattern": f"^{PATH}$", "description": "The beginning of a path."}),
]
