"""The database agent's desk: one request, one copy, one answer."""

from collections.abc import Mapping
from typing import Any

from failover.errors import RequestInvalidError
from failover.plain import from_plain
from failover.ports import CopyState, DatabaseCopy
from failover.procedures.tailing import archived
from failover.sharing import Sharing, SharingEnd, SharingState, SharingStep
from failover.tails import Archive, TailRequest, TailShelf


class DatabaseDesk:
    """Serves the copies of one region to executors of any region."""

    def __init__(
        self, copies: Mapping[str, DatabaseCopy], shelf: TailShelf, ends: Mapping[str, SharingEnd] | None = None
    ) -> None:
        self._copies, self._shelf, self._ends = copies, shelf, ends or {}

    def answer(self, request: Mapping[str, Any]) -> CopyState | Archive | SharingState:
        """Do what the request says and return the copy's state after it, or what was kept of its tail.

        What is asked of it as an end of a sharing is answered with what is wrong there.

        Raises:
            RequestInvalidError: an unknown database or verb, or a field that is missing or no number.
        """
        copy = self._copies.get(str(request.get("database")))
        if copy is None:
            known = ", ".join(self._copies) or "none"
            raise RequestInvalidError(f"database: got {request.get('database')!r}; this region holds: {known}")
        match request.get("do"):
            case "install":
                return copy.install()
            case "describe":
                return copy.describe()
            case "fence":
                return copy.fence(int(_number(request, "epoch")))
            case "admit":
                return copy.admit(int(_number(request, "epoch")), _number(request, "valid_until"))
            case "promote":
                return copy.promote()
            case "archive":
                return archived(copy, self._shelf, str(request["database"]), _tail(request))
            case "share":
                return self._share(str(request["database"]), request)
            case "give_login":
                return copy.give_login(_text(request, "user"), _text(request, "password"))
            case "try_login":
                return copy.try_login(_text(request, "user"), _text(request, "password"))
            case verb:
                allowed = "install, describe, fence, admit, promote, archive, share, give_login, try_login"
                raise RequestInvalidError(f"do: got {verb!r}; one of: {allowed}")

    def _share(self, database: str, request: Mapping[str, Any]) -> SharingState:
        end = self._ends.get(database)
        if end is None:
            known = ", ".join(self._ends) or "none"
            raise RequestInvalidError(f"share: {database} is no server of one's own; those of this region: {known}")
        try:
            step, sharing = SharingStep(request["step"]), from_plain(Sharing, request["sharing"])
        except (KeyError, TypeError, ValueError) as exc:
            raise RequestInvalidError(f"share: lacks or garbles {exc}; step, sharing") from exc
        match step:
            case SharingStep.PUBLISH:
                return end.publish(sharing)
            case SharingStep.SUBSCRIBE:
                return end.subscribe(sharing)
            case SharingStep.LOOK:
                return end.look(sharing)


def _tail(request: Mapping[str, Any]) -> TailRequest:
    try:
        return from_plain(TailRequest, request["tail"])
    except (KeyError, TypeError, ValueError) as exc:
        raise RequestInvalidError(f"archive: tail: lacks or garbles {exc}; epoch, position, at, gaps_allowed") from exc


def _text(request: Mapping[str, Any], field: str) -> str:
    value = request.get(field)
    if not isinstance(value, str) or not value:
        raise RequestInvalidError(f"{request['do']}: {field}: not a text")  # what it is may be a password
    return value


def _number(request: Mapping[str, Any], field: str) -> float:
    value = request.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestInvalidError(f"{request['do']}: {field}: got {value!r}; a number")
    return value
