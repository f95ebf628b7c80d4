"""The computed names of what guards the accounts, which stacks of several regions agree on."""

from dataclasses import dataclass

from failover.topology import Names


@dataclass(frozen=True, slots=True)
class SecurityNames:
    """What ``Names`` is for the control plane, for what watches over it and keeps its records."""

    names: Names

    @property
    def _product(self) -> str:
        return f"lifeboat-{self.names.topology.name}"

    def _in(self, what: str, region: str) -> str:
        """Bucket names are the whole world's."""
        return f"{self._product}-{what}-{self.names.topology.account}-{region}"

    def audit_bucket(self, region: str) -> str:
        """Return the locked bucket of a control region: the journal, and the trail where the region keeps one."""
        return self._in("audit", region)

    def configuration_bucket(self, region: str) -> str:
        """Return the bucket to which AWS Config delivers a region's history."""
        return self._in("config", region)

    def access_logs(self, layer: str, region: str) -> str:
        """Return the bucket to which S3 writes who read and wrote the other bucket of that stack."""
        return self._in(f"{layer}-logs", region)

    def trail(self, region: str) -> str:
        """Return a control region's trail; each is shown in every region, so that its name says where it lives."""
        return f"{self._product}-{region}"

    def trail_arn(self, region: str) -> str:
        """Return its ARN."""
        return f"arn:aws:cloudtrail:{region}:{self.names.topology.account}:trail/{self.trail(region)}"

    def trail_logs(self, region: str) -> str:
        """Return the log group that a region's trail writes beside its bucket."""
        return f"/lifeboat/{self.names.topology.name}/trail/{region}"

    def records_alias(self, layer: str) -> str:
        """Return the alias, after ``alias/``, of the key that a stack's records are under."""
        return f"{self._product}-{layer}"

    def operations_role(self, region: str) -> str:
        """Return the role that operators take on to work in a region, and in no other."""
        return f"{self._product}-operations-{region}"

    def zone_key_alias(self, zone: str) -> str:
        """Return the alias of a residency zone's multi-region key, the same in each of the zone's regions."""
        return f"alias/{self._product}-{zone.lower()}"

    def pack(self, law: str) -> str:
        """Return the conformance pack of a law."""
        return f"{self._product}-{law.lower()}"


class GatewayNames(Names):
    """Those of a product, but that a region is entered through its API gateway."""

    def origin(self, region: str) -> str:
        """Return the DNS name of a region's gateway."""
        return f"{region}.gateway.{self.topology.domain}"
