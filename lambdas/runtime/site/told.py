"""What a site's processes are told by their environment, and the logins of their databases."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failover.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEnvironment(Environment):
    """``site`` is the region's name; ``logins`` a file that only these processes may read, ``tails`` a folder.

    ``endpoints``: database name to ``host:port`` of its copy here. The certificate is the site's own: its agent shows
    it, and its guard gets its right to the quorum store for it.
    """

    site: str
    logins: str
    tails: str
    certificate: str
    key: str
    authority: str
    listens: str = "0.0.0.0:8443"
    endpoints: dict[str, str] = field(default_factory=dict)


def logins(path: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return, for each database, who logs in as its owner, as ``app_rw`` and as ``app_ro``.

    Raises:
        ValueError: others may read the file, or something in it is missing.
    """
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path}: others may read it; chmod 600 {path}")
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    try:
        return {
            database: {role: (each[role]["username"], each[role]["password"]) for role in ("owner", "app_rw", "app_ro")}
            for database, each in told.items()
        }
    except (KeyError, TypeError) as exc:
        raise ValueError(f"{path}: lacks {exc}; each database has owner, app_rw and app_ro") from exc
