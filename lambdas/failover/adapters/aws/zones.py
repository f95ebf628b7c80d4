"""The hosted zone of a product, found by its name: no stack tells its id to another."""

from failover.adapters.aws.clients import client, code_of
from failover.errors import RecordsUnreachableError
from failover.topology import Names

API_REGION = "us-east-1"


def zone_id(names: Names) -> str:
    """Return the id of the public zone of the product's domain; raises ``RecordsUnreachableError``."""
    name = f"{names.topology.domain}."
    try:
        found = client("route53", API_REGION).list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    except Exception as exc:
        raise RecordsUnreachableError(f"the zone {name} was not found: {code_of(exc)}") from exc
    for each in found:
        if each["Name"] == name and not each.get("Config", {}).get("PrivateZone"):
            return str(each["Id"]).removeprefix("/hostedzone/")
    raise RecordsUnreachableError(f"there is no public zone {name}")
