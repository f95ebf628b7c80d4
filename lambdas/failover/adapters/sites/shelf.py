"""Tails of old writers, kept in a folder of their own site: what people wrote there stays there."""

import os
from pathlib import Path

from failover.errors import ArchiveNotKeptError


class FolderShelf:
    """``tails.TailShelf`` in a folder; a file is there whole or not at all, and survives the machine's death."""

    def __init__(self, folder: Path, region: str) -> None:
        self._folder, self._region = folder, region

    def keep(self, name: str, lines: bytes) -> str:
        path = self._folder / name
        beside = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.touch(mode=0o600)
            with beside.open("wb") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as exc:
            raise ArchiveNotKeptError(f"{path} at {self._region} was not written: {exc}") from exc
        return f"file://{self._region}{path}"
