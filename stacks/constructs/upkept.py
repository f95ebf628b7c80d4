"""How the copies of a database are kept where its document says nothing else, and what pgaudit is told."""

from typing import Final

from constructs import IConstruct

from stacks.acceptance import accept
from topology_document.infrastructure.upkeep import UpkeepSection

USUAL: Final = UpkeepSection()


def audited(upkeep: UpkeepSection) -> dict[str, str]:
    """Return the parameters of pgaudit; a list of libraries of one's own replaces RDS's, so that its own is in it."""
    if not upkeep.audit:
        return {}
    return {
        "shared_preload_libraries": "pg_stat_statements,pgaudit",
        "pgaudit.log": ",".join(sorted(upkeep.audit)),
    }


def accept_as_kept(copy: IConstruct) -> None:
    """Say why a copy of a database is as it is."""
    backed_up = "AWS Backup takes it by the product's tag where the document asks for it, and RDS's own backups are on"
    accept(copy, backed_up, "NIST.800.53.R5-RDSInBackupPlan")
    seen = "Performance Insights, alarms and the deep health of each region look at it"
    accept(copy, seen, "NIST.800.53.R5-RDSEnhancedMonitoringEnabled", "CKV_AWS_118")
    logins = "its roles log in by passwords of Secrets Manager, and fencing shuts a role and ends its sessions"
    accept(copy, logins, "AwsSolutions-RDS6", "CKV_AWS_161", "CKV_AWS_162")
    port = "its security group lets in whom it knows; another port hides nothing from them"
    accept(copy, port, "AwsSolutions-RDS11")
