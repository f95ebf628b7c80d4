"""The desk of a site, which stands on the hosts of its databases: it can have one follow another writer."""

from collections.abc import Mapping
from typing import Any, Protocol

from failover.errors import RequestInvalidError
from failover.ports import CopyState, DatabaseCopy
from failover.procedures.desk import DatabaseDesk
from failover.sharing import SharingState
from failover.tails import Archive, TailShelf

REJOIN = "rejoin"


class Rejoining(Protocol):
    """What makes a server of this site follow a writer."""

    def rejoin(self, database: str, writer: str) -> None:
        """Run it, or look at the run that is under way.

        Raises:
            ReplicaNotReadyError: it has not ended yet; ask again.
            FatalError: it failed.
            RequestInvalidError: that region holds no copy of the database, or is this one.
        """


class SiteDesk(DatabaseDesk):
    """What a region's function does in two services, a site does at one desk."""

    def __init__(self, copies: Mapping[str, DatabaseCopy], shelf: TailShelf, rejoining: Rejoining) -> None:
        super().__init__(copies, shelf)
        self._held, self._rejoining = copies, rejoining

    def answer(self, request: Mapping[str, Any]) -> CopyState | Archive | SharingState:
        """Do what the request says; see ``DatabaseDesk``."""
        name = str(request.get("database"))
        if request.get("do") != REJOIN or name not in self._held:
            return super().answer(request)
        writer = request.get("writer")
        if not isinstance(writer, str):
            raise RequestInvalidError(f"writer: got {writer!r}; the region that the copy shall follow")
        self._rejoining.rejoin(name, writer)
        return self._held[name].describe()
