"""How the copies of a database are kept where its document says nothing else, and what pgaudit is told."""

from typing import Final

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
