"""Checks of the computed names: every one must fit where AWS puts it.

Limits: Lambda function 64, IAM role 64, load balancer 32, RDS instance 63, S3 bucket 63 (the services' API
references); the first name of a certificate 64 (ACM, ``RequestCertificate``); a DNS name 253 (RFC 1035).
"""

from collections.abc import Iterator
from typing import Final

from failover.topology import Engine, SiteNames
from topology_document.checks.traffic import APEX
from topology_document.compilation import born_in, control_regions, names_of
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, shown

LONGEST_STEP: Final = "x" * 24
"""Room for the longest folder of a step; a step's function is named after it."""

OF_AWS: Final = "internal-"

MOST_EPOCHS: Final = 999
"""A database that changes its writer more often than this outlives its name."""


def names_fit(document: TopologyDocument) -> Iterator[Finding]:
    """The longest name that is built from the product's, a database's or the domain's name fits its limit."""
    names = names_of(document)
    sites = [name for name, region in document.regions.items() if region.site]
    longest_region = max(document.regions, key=len)
    longest_control = max(control_regions(document), key=len, default="")
    product = (
        ("a Lambda function", names.function(LONGEST_STEP), 64),
        *(("an S3 bucket", names.bucket(each), 63) for each in document.regions if each not in sites),
        *(("a load balancer", names.load_balancer, 32) for each in document.regions if each not in sites),
        *(("an IAM role", SiteNames(names.topology).role(each), 64) for each in sites),
    )
    yield from _too_long(("name",), document.name, product)
    certificates = (
        ("a certificate", names.origin(longest_region), 64),
        ("a certificate", names.lever(longest_control), 64),
    )
    yield from _too_long(("domain",), document.domain, certificates)
    for name, database in document.databases.items():
        copies = [*database.replicas, born_in(document, database) or ""]
        longest = max(copies, key=len)
        aurora = database.engine is Engine.AURORA_POSTGRES
        # A copy that is rebuilt is kept beside the new one, under a longer name.
        kept = names.db_instance_before(name, longest, MOST_EPOCHS)
        instance = names.db_cluster_instance(name, longest, 1) if aurora else kept
        yield from _too_long(("databases", name), name, (("an RDS instance", instance, 63),))


def names_are_ours(document: TopologyDocument) -> Iterator[Finding]:
    """No name begins as only AWS may begin one (Elastic Load Balancing, ``CreateLoadBalancer``)."""
    if document.name.startswith(OF_AWS):
        allowed = f"a name without {OF_AWS} at its beginning, which only AWS may give a load balancer"
        yield Finding(("name",), shown(document.name), allowed, "choose another beginning")


def route_names_fit(document: TopologyDocument) -> Iterator[Finding]:
    """A route's whole name is a DNS name."""
    names = names_of(document)
    for route in document.routes:
        if route != APEX:
            yield from _too_long(("routes", route), route, (("a DNS record", names.route(route), 253),))


def _too_long(path: Path, value: str, built: tuple[tuple[str, str, int], ...]) -> Iterator[Finding]:
    """Find the name that is over its limit by most: shortening for it repairs the others."""
    what, name, limit = max(built, key=lambda each: len(each[1]) - each[2])
    over = len(name) - limit
    if over > 0:
        allowed = f"at most {max(len(value) - over, 1)} characters, since the name of {what} has at most {limit}"
        yield Finding(path, f"{shown(value)}, {len(value)} characters", allowed, f"shorten it by {over}")
