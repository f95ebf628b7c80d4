"""The names that a product's sites are known by: to the control plane, to AWS, and to each other."""

from dataclasses import dataclass

from failover.topology.model import Topology


@dataclass(frozen=True, slots=True)
class SiteNames:
    """The computed names of the sites of one topology."""

    topology: Topology

    def agent(self, site: str) -> str:
        """The DNS name at which a site's agent is asked, by a control region that shows its certificate."""
        return f"agent.{site}.origin.{self.topology.domain}"

    @property
    def asker(self) -> str:
        """The name in the certificate by which sites' agents know the control plane."""
        return f"lifeboat-{self.topology.name}-control"

    @property
    def secret(self) -> str:
        """The secret of each control region with the certificate that sites' agents know it by, and their authority."""
        return f"lifeboat/{self.topology.name}/sites/control"

    @property
    def key_alias(self) -> str:
        """The alias of the KMS key of that secret."""
        return f"alias/lifeboat-{self.topology.name}-sites"

    @property
    def authority(self) -> str:
        """The SSM parameter with the certificate of the authority that certifies the sites, where sites log in."""
        return f"/lifeboat/{self.topology.name}/sites/authority"

    def role(self, site: str) -> str:
        """The IAM role that a site's guard works under."""
        return f"lifeboat-{self.topology.name}-site-{site}"

    def role_arn(self, site: str) -> str:
        """The ARN of that role."""
        return f"arn:aws:iam::{self.topology.account}:role/{self.role(site)}"
