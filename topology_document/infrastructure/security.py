"""How the product's accounts are guarded: keys, secrets, detection, compliance, audit, access and the API gateway.

GuardDuty, Config, Security Hub, Macie and Inspector exist once in an account and region. Where an organisation has
them already, a second one cannot be made: ``provided`` says so, with the reason, and nothing is built of them.
"""

from pydantic import Field

from topology_document.infrastructure.security_words import (
    IssuerUrl,
    LawName,
    Measurement,
    Pattern,
    PrincipalArn,
    Protection,
    ProtectionName,
    Reason,
    Scanned,
    ScannedName,
    ServiceName,
    Severity,
    SeverityName,
    Standard,
    StandardName,
    UrlPath,
)
from topology_document.section import Section
from topology_document.values import Label, RegionName, RouteName, ZoneName


class KeysSection(Section):
    """The customer-managed keys of each region."""

    rotation_days: int = Field(365, ge=90, le=2560, description="How often KMS rotates each key's material.")
    shared: bool = Field(
        default=False,
        description="Whether each residency zone has a multi-region key for what the application itself encrypts.",
    )


class SecretsSection(Section):
    """The database's passwords."""

    rotation_days: int = Field(30, ge=1, le=1000, description="How often each password is changed.")
    window_hours: int = Field(3, ge=1, le=24, description="How long a change may take before it is put off.")


class AuditSection(Section):
    """What is kept of who did what; nobody can delete it before its time, the account's root included."""

    retention_days: int = Field(365, ge=1, le=36500, description="How long records are locked.")
    trails: list[RegionName] | None = Field(
        None,
        min_length=1,
        description="Control regions that each keep a trail of the whole account. Default: the first control region.",
        examples=[["us-east-1", "eu-west-1"]],
    )
    insights: bool = Field(default=True, description="Whether CloudTrail looks for unusual rates of calls and errors.")
    data_events: bool = Field(default=True, description="Whether each write to the quorum store is in the trail.")


class DetectionSection(Section):
    """What looks for intruders and for personal data in the wrong place."""

    protections: list[ProtectionName] | None = Field(
        None, description="GuardDuty's protection plans. Default: all of them.", examples=[["s3", "rds"]]
    )
    scanned: list[ScannedName] | None = Field(
        None,
        description="What Inspector scans for vulnerabilities. Default: instances, images and functions.",
        examples=[["ECR"]],
    )
    personal_data: bool = Field(default=False, description="Whether Macie looks for personal data in the buckets.")
    identifiers: dict[Label, Pattern] = Field(
        default_factory=dict,
        description="Personal data that only this product knows, as regular expressions by name.",
        examples=[{"vin": "[A-HJ-NPR-Z0-9]{17}"}],
    )
    told: list[SeverityName] | None = Field(
        None,
        description="The severities of findings that people are told of. Default: CRITICAL and HIGH.",
        examples=[["CRITICAL"]],
    )

    @property
    def plans(self) -> list[Protection]:
        """GuardDuty's protection plans."""
        return list(Protection) if self.protections is None else self.protections

    @property
    def scans(self) -> list[Scanned]:
        """What Inspector scans."""
        return list(Scanned) if self.scanned is None else self.scanned

    @property
    def tells(self) -> list[Severity]:
        """The severities that people are told of."""
        return [Severity.CRITICAL, Severity.HIGH] if self.told is None else self.told


class ComplianceSection(Section):
    """What the regions are held against, and where the result is seen."""

    laws: dict[ZoneName, list[LawName]] = Field(
        default_factory=dict,
        description="The laws on personal data of each residency zone.",
        examples=[{"EU": ["GDPR"]}],
    )
    standards: list[StandardName] | None = Field(
        None, description="Security Hub's standards. Default: fsbp and nist-800-53.", examples=[["fsbp"]]
    )
    report_in: RegionName | None = Field(
        None,
        description="The region that shows the compliance of all. Default: the first control region.",
        examples=["eu-west-1"],
    )

    @property
    def held_against(self) -> list[Standard]:
        """Security Hub's standards."""
        return [Standard.FSBP, Standard.NIST] if self.standards is None else self.standards


class AccessSection(Section):
    """Who may do what, at most, whatever else they are given."""

    boundary: bool = Field(default=True, description="Whether every role of the product has a permission boundary.")
    operators: list[PrincipalArn] = Field(
        default_factory=list,
        description="Who may take on the operations role of a region. Default: nobody, and there is no such role.",
        examples=[["arn:aws:iam::111122223333:role/sre-on-call"]],
    )
    session_minutes: int = Field(60, ge=60, le=720, description="How long a session of an operator lasts.")


class GatewaySection(Section):
    """The API gateway of each region: who calls, and how often."""

    route: RouteName = Field(description="The route by whose name callers come through it.", examples=["api"])
    requests_a_second: int = Field(1000, ge=1, le=10000, description="Of all callers together, in one region.")
    burst: int = Field(2000, ge=1, le=20000, description="How many may come at once.")
    requests_per_address: int = Field(2000, ge=10, le=2000000, description="Of one address in five minutes.")
    token_minutes: int = Field(60, ge=5, le=1440, description="How long a caller's token counts.")
    multi_factor: bool = Field(default=True, description="Whether people need a second factor to sign in.")


class TokensSection(Section):
    """Who is let in at the clusters' own entrances, in AWS and at sites."""

    issuer: IssuerUrl = Field(
        description="Who issues tokens, as tokens say it; its keys are at /.well-known/jwks.json.",
        examples=["https://auth.shop.example"],
    )
    audience: Label = Field(description="Whom tokens must be for.", examples=["shop"])
    public: list[UrlPath] = Field(
        default_factory=list,
        description="Beginnings of paths that need no token. Default: none but health.",
        examples=[["/auth"]],
    )
    requests_a_second: int = Field(200, ge=1, le=100000, description="Through one pod of the entrance.")
    burst: int = Field(400, ge=1, le=200000, description="How many may come through it at once.")


class EnclavesSection(Section):
    """A host with Nitro Enclaves for what nobody may look at, not even who runs the host."""

    region: RegionName = Field(description="A control region of AWS.", examples=["eu-central-1"])
    instance_type: str = Field("m7g.large", description="An EC2 type that has Nitro Enclaves.")
    images: list[Measurement] = Field(
        min_length=1, description="The PCR0 of each enclave image that may decrypt.", examples=[["5a" * 48]]
    )


class SecuritySection(Section):
    """How the product's accounts are guarded; each part has its defaults."""

    provided: dict[ServiceName, Reason] = Field(
        default_factory=dict,
        description="What the organisation has already, with the reason; it is not built again.",
        examples=[{"guardduty": "the security account administers the detectors"}],
    )
    keys: KeysSection = Field(default_factory=KeysSection, description="The customer-managed keys.")
    secrets: SecretsSection = Field(default_factory=SecretsSection, description="The databases' passwords.")
    audit: AuditSection = Field(default_factory=AuditSection, description="What is kept of who did what.")
    detection: DetectionSection = Field(default_factory=DetectionSection, description="What looks for intruders.")
    compliance: ComplianceSection = Field(default_factory=ComplianceSection, description="Laws and standards.")
    access: AccessSection = Field(default_factory=AccessSection, description="Who may do what, at most.")
    gateway: GatewaySection | None = Field(
        None,
        description="The API gateway of each region; none is built where nothing is said.",
        examples=[{"route": "api", "requests_a_second": 1000}],
    )
    tokens: TokensSection | None = Field(
        None,
        description="Who is let in at the clusters' entrances; everybody where nothing is said.",
        examples=[{"issuer": "https://auth.shop.example", "audience": "shop"}],
    )
    enclaves: EnclavesSection | None = Field(
        None,
        description="A host for secure enclaves; none is built where nothing is said.",
        examples=[{"region": "eu-central-1", "images": ["5a" * 48]}],
    )
