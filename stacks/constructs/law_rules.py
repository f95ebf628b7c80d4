"""Which rules of AWS Config speak to which law on personal data.

A rule that holds is evidence for what a law asks of the technical side, and no more than that: nobody's consent, no
notice and no contract is in AWS.
"""

from dataclasses import dataclass
from typing import Final

from topology_document.infrastructure.security_words import Law

ENCRYPTED_AT_REST: Final = (
    "RDS_STORAGE_ENCRYPTED",
    "RDS_SNAPSHOT_ENCRYPTED",
    "ENCRYPTED_VOLUMES",
    "EC2_EBS_ENCRYPTION_BY_DEFAULT",
    "S3_DEFAULT_ENCRYPTION_KMS",
    "DYNAMODB_TABLE_ENCRYPTED_KMS",
    "EKS_SECRETS_ENCRYPTED",
    "CLOUD_TRAIL_ENCRYPTION_ENABLED",
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    "CMK_BACKING_KEY_ROTATION_ENABLED",
)
ENCRYPTED_IN_TRANSIT: Final = (
    "S3_BUCKET_SSL_REQUESTS_ONLY",
    "ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK",
    "ELBV2_ACM_CERTIFICATE_REQUIRED",
)
KEPT_PRIVATE: Final = (
    "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS",
    "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    "RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
    "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
    "EKS_ENDPOINT_NO_PUBLIC_ACCESS",
    "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
    "IAM_USER_MFA_ENABLED",
    "ROOT_ACCOUNT_MFA_ENABLED",
    "ACCESS_KEYS_ROTATED",
    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    "EC2_IMDSV2_CHECK",
)
RECOVERABLE: Final = (
    "DB_INSTANCE_BACKUP_ENABLED",
    "RDS_MULTI_AZ_SUPPORT",
    "RDS_INSTANCE_DELETION_PROTECTION_ENABLED",
    "DYNAMODB_PITR_ENABLED",
    "S3_BUCKET_VERSIONING_ENABLED",
)
RECORDED: Final = (
    "MULTI_REGION_CLOUD_TRAIL_ENABLED",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED",
    "VPC_FLOW_LOGS_ENABLED",
    "ELB_LOGGING_ENABLED",
    "S3_BUCKET_LOGGING_ENABLED",
    "WAFV2_LOGGING_ENABLED",
)
WATCHED: Final = ("GUARDDUTY_ENABLED_CENTRALIZED", "SECURITYHUB_ENABLED")


@dataclass(frozen=True, slots=True)
class Duty:
    """What a law asks for, and the rules that speak to it."""

    passage: str
    rules: tuple[str, ...]


SAFEGUARDS: Final = (
    *ENCRYPTED_AT_REST,
    *ENCRYPTED_IN_TRANSIT,
    *KEPT_PRIVATE,
    *RECORDED,
    *WATCHED,
)
DUTIES: Final[dict[Law, tuple[Duty, ...]]] = {
    Law.GDPR: (
        Duty("Article 32(1)(a), encryption", ENCRYPTED_AT_REST + ENCRYPTED_IN_TRANSIT),
        Duty("Article 32(1)(b), confidentiality and resilience", KEPT_PRIVATE + WATCHED),
        Duty("Article 32(1)(c), restoring availability", RECOVERABLE),
        Duty("Article 33, knowing of a breach", RECORDED),
    ),
    Law.FDPA: (
        Duty("Loi 78-17, article 4, 6°, security of what is processed", SAFEGUARDS),
        Duty("Loi 78-17, article 4, 6°, against accidental loss", RECOVERABLE),
    ),
    Law.DPDP: (
        Duty("Section 8(5), reasonable security safeguards", SAFEGUARDS),
        Duty("Section 8(6), knowing of a breach", RECORDED),
    ),
    Law.CCPA: (Duty("Section 1798.100(e), reasonable security procedures", SAFEGUARDS),),
    Law.PIPEDA: (
        Duty("Schedule 1, principle 4.7, safeguards", SAFEGUARDS),
        Duty("Section 10.1, knowing of a breach", RECORDED),
    ),
    Law.PDPA: (
        Duty("Section 24, protection of personal data", SAFEGUARDS + RECOVERABLE),
        Duty("Section 26B, knowing of a breach", RECORDED),
    ),
}


def rules_of(law: Law) -> dict[str, list[str]]:
    """Return the rules of a law, each with the passages that it speaks to."""
    found: dict[str, list[str]] = {}
    for duty in DUTIES[law]:
        for rule in duty.rules:
            found.setdefault(rule, []).append(duty.passage)
    return dict(sorted(found.items()))
