"""The kinds of text that a topology is written in: each says what is allowed and how to repair it."""

import ipaddress
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from topology_document.findings import did_you_mean
from topology_document.regions import AWS_REGIONS

LABEL: Final = r"[a-z](?:[a-z0-9]|-(?!-)){0,61}[a-z0-9]|[a-z]"
_DNS_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN: Final = rf"(?:{_DNS_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])"
ROUTE: Final = rf"@|{_DNS_LABEL}(?:\.{_DNS_LABEL})*"
ZONE: Final = r"[A-Za-z][A-Za-z0-9-]{0,31}"
INSTANCE_CLASS: Final = r"db\.[a-z0-9-]+\.[a-z0-9]+"
GROUP: Final = r"[a-z][a-z0-9-]{0,30}"
NODE_TYPE: Final = r"cache\.[a-z0-9]+\.[a-z0-9]+"
TIME_OF_DAY: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
FUNCTION_ARN: Final = r"arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+"
EVENT_BUS: Final = r"[A-Za-z0-9._/-]{1,256}"
_WIDEST_PREFIX, _NARROWEST_PREFIX = 16, 20


class Weekday(StrEnum):
    """The days on which a maintenance window may begin."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def refused(allowed: str, fix: str) -> PydanticCustomError:
    """Return the error of a value that is not allowed; both texts reach the reader as they are."""
    return PydanticCustomError("not_allowed", "{allowed}; {fix}", {"allowed": allowed, "fix": fix})


def _shaped(pattern: str, allowed: str, fix: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise refused(allowed, fix)
        return value

    return check


def aws_region(value: str) -> str:
    """Return a region of AWS as it is; any other word is refused with the one that is most like it."""
    if value not in AWS_REGIONS:
        fix = did_you_mean(value, AWS_REGIONS, "write it as AWS does, such as eu-west-1")
        raise refused("a region of the aws partition", fix)
    return value


def _network(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        fix = "write it with its prefix and no host bits, such as 10.1.0.0/16"
        raise refused("an IPv4 network", fix) from None
    if not _WIDEST_PREFIX <= network.prefixlen <= _NARROWEST_PREFIX:
        wide = ipaddress.IPv4Network((network.network_address, _WIDEST_PREFIX), strict=False)
        fix = f"write {wide} or another network of that size"
        raise refused(
            f"a network of /{_WIDEST_PREFIX} to /{_NARROWEST_PREFIX}: a VPC has no more addresses than /16, "
            "and nine subnets with room for pods need /20",
            fix,
        )
    if str(network) != value:
        raise refused("an IPv4 network in its usual form", f"write {network}")
    return value


def _neutral(value: str) -> str:
    fix = "write one such as https://dynamodb.eu-west-3.amazonaws.com/ping"
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        raise refused("an https URL", fix) from None
    if url.scheme != "https" or not url.hostname or not re.fullmatch(DOMAIN, url.hostname):
        raise refused("an https URL with a host name", fix)
    if url.username is not None or url.fragment or not value.isprintable() or " " in value:
        raise refused("an https URL without credentials, fragment or spaces", fix)
    return value


def _like(pattern: str, description: str, example: str) -> WithJsonSchema:
    schema = {"type": "string", "pattern": f"^(?:{pattern})$", "description": description, "examples": [example]}
    return WithJsonSchema(schema)


RegionName = Annotated[
    str,
    AfterValidator(aws_region),
    WithJsonSchema({"type": "string", "enum": list(AWS_REGIONS), "description": "An AWS region."}),
]
Label = Annotated[
    str,
    AfterValidator(
        _shaped(
            LABEL,
            "a DNS label of at most 63 characters that begins with a letter: a-z, 0-9 and single hyphens inside",
            "write it in lower case, such as orders or web-shop",
        )
    ),
    _like(LABEL, "Lower-case letters, digits and single hyphens; begins with a letter.", "orders"),
]
RouteName = Annotated[
    str,
    AfterValidator(
        _shaped(
            ROUTE,
            'lower-case DNS labels relative to the domain, or "@" for the domain itself',
            "write it such as app or api.eu, without the domain",
        )
    ),
    _like(ROUTE, 'A name relative to the domain, or "@" for the domain itself.', "app"),
]
DomainName = Annotated[
    str,
    AfterValidator(
        _shaped(
            DOMAIN,
            "a DNS name of two labels or more, in lower case and without a final dot",
            "write it such as shop.example.com",
        )
    ),
    _like(DOMAIN, "A DNS name in lower case.", "shop.example.com"),
]
AccountId = Annotated[
    str,
    AfterValidator(
        _shaped(r"[0-9]{12}", "the 12 digits of an AWS account", 'write them in quotes, such as "111122223333"')
    ),
    _like("[0-9]{12}", "12 digits, in quotes.", "111122223333"),
]
ZoneName = Annotated[
    str,
    AfterValidator(
        _shaped(
            ZONE,
            "a short name of letters, digits and hyphens, at most 32",
            'write it such as EU, US or "NO"',
        )
    ),
    _like(ZONE, "A residency zone: a name of your own, such as EU.", "EU"),
]
InstanceClass = Annotated[
    str,
    AfterValidator(_shaped(INSTANCE_CLASS, "an RDS instance class", "write it as RDS does, such as db.r7g.large")),
    _like(INSTANCE_CLASS, "An RDS instance class.", "db.r7g.large"),
]
NodeType = Annotated[
    str,
    AfterValidator(_shaped(NODE_TYPE, "an ElastiCache node type", "write it as ElastiCache does: cache.r7g.large")),
    _like(NODE_TYPE, "An ElastiCache node type.", "cache.r7g.large"),
]
GroupName = Annotated[
    str,
    AfterValidator(
        _shaped(
            GROUP,
            "a word of your own of at most 31 characters: a-z, 0-9 and hyphens, beginning with a letter",
            "write it such as shop, the same at each database of the group",
        )
    ),
    _like(GROUP, "A word that databases share which move together.", "shop"),
]
TimeOfDay = Annotated[
    str,
    AfterValidator(_shaped(TIME_OF_DAY, "a time of day in UTC", 'write it with hours and minutes, such as "02:00"')),
    _like(TIME_OF_DAY, "Hours and minutes in UTC, in quotes.", "02:00"),
]
FunctionArn = Annotated[
    str,
    AfterValidator(
        _shaped(
            FUNCTION_ARN,
            "the ARN of a Lambda function, without a version",
            "write it such as arn:aws:lambda:eu-west-3:111122223333:function:change-board",
        )
    ),
    _like(FUNCTION_ARN, "A Lambda function.", "arn:aws:lambda:eu-west-3:111122223333:function:change-board"),
]
EventBus = Annotated[
    str,
    AfterValidator(_shaped(EVENT_BUS, "the name of an EventBridge bus", "write it such as default")),
    _like(EVENT_BUS, "The name of an EventBridge bus.", "default"),
]
Network = Annotated[
    str,
    AfterValidator(_network),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/(16|17|18|19|20)$",
            "description": "An IPv4 network of /16 to /20.",
            "examples": ["10.1.0.0/16"],
        }
    ),
]
NeutralUrl = Annotated[
    str,
    AfterValidator(_neutral),
    WithJsonSchema(
        {
            "type": "string",
            "format": "uri",
            "pattern": "^https://",
            "description": "A place outside the observed regions.",
            "examples": ["https://dynamodb.eu-west-3.amazonaws.com/ping"],
        }
    ),
]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Each key gives its own upper bound: of two, JSON Schema would keep one and the model the other."""
