"""Where a region is: in AWS, or at a site that has a name and addresses of its own."""

import ipaddress
import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from topology_document.regions import AWS_REGIONS
from topology_document.values import aws_region, refused

SITE: Final = r"(?![a-z]{2}-[a-z-]+-[0-9]+$)[a-z][a-z0-9]*(?:-[a-z0-9]+)+"
"""A site's name can be taken for no region of AWS, neither of one that there is nor of one that there will be."""

LONGEST_SITE: Final = 32


def _place(value: str) -> str:
    """Two letters, words and a number are how AWS names its regions; whatever else has a hyphen may be a site."""
    if len(value) <= LONGEST_SITE and re.fullmatch(SITE, value):
        return value
    return aws_region(value)


def _ipv4_address(value: str) -> str:
    fix = "write it such as 203.0.113.10"
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        raise refused("an IPv4 address", fix) from None
    return value


PlaceName = Annotated[
    str,
    AfterValidator(_place),
    WithJsonSchema(
        {
            "anyOf": [{"enum": list(AWS_REGIONS)}, {"pattern": f"^(?:{SITE})$"}],
            "type": "string",
            "description": "An AWS region, or a site: a name of your own with a hyphen, such as frankfurt-hetzner.",
        }
    ),
]
IpAddress = Annotated[
    str,
    AfterValidator(_ipv4_address),
    WithJsonSchema(
        {"type": "string", "format": "ipv4", "description": "An IPv4 address.", "examples": ["203.0.113.10"]}
    ),
]
