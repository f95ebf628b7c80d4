"""The unprivileged user that PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from twin.postgres.errors import PostgresError

# Users that own nothing and exist on nearly every system, in order of preference.
CANDIDATES = ("nobody", "postgres", "daemon")


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group, as numbers; ``switches`` says whether a process must change to it."""

    uid: int
    gid: int
    switches: bool

    @classmethod
    def unprivileged(cls) -> Self:
        """Return the caller's own account, or for root one of ``CANDIDATES``.

        Raises:
            PostgresError: the caller is root and the system has none of them.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switches=False)
        for name in CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return cls(entry.pw_uid, entry.pw_gid, switches=True)
        raise PostgresError(
            f"PostgreSQL does not run as root, and this system has none of the users {', '.join(CANDIDATES)}; "
            "add one of them, or run the twin as an ordinary user"
        )

    def own(self, path: Path) -> None:
        """Give one file or folder to this account."""
        if self.switches:
            os.chown(path, self.uid, self.gid)

    def may_run(self, path: Path) -> bool:
        """Whether this account can execute a program, or enter a folder, by the mode bits of its whole path."""
        if not self.switches:
            return os.access(path, os.X_OK)
        resolved = path.resolve()
        return all(self._may_execute(each) for each in (resolved, *resolved.parents))

    def _may_execute(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)

    def write(self, folder: Path, files: Mapping[str, str]) -> None:
        """Write files that this account alone may read."""
        for name, text in files.items():
            path = folder / name
            path.write_text(text)
            path.chmod(0o600)
            self.own(path)
