"""The database agent's desk: one request, one copy, one answer."""

from collections.abc import Mapping
from typing import Any

from failover.errors import RequestInvalidError
from failover.plain import from_plain
from failover.ports import CopyState, DatabaseCopy
from failover.procedures.tailing import archived
from failover.tails import Archive, TailRequest, TailShelf


class DatabaseDesk:
    """Serves the copies of one region to executors of any region."""

    def __init__(self, copies: Mapping[str, DatabaseCopy], shelf: TailShelf) -> None:
        self._copies, self._shelf = copies, shelf

    def answer(self, request: Mapping[str, Any]) -> CopyState | Archive:
        """Do what the request says and return the copy's state after it, or what was kept of its tail.

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
            case verb:
                allowed = "install, describe, fence, admit, promote, archive"
                raise RequestInvalidError(f"do: got {verb!r}; one of: {allowed}")


def _tail(request: Mapping[str, Any]) -> TailRequest:
    try:
        return from_plain(TailRequest, request["tail"])
    except (KeyError, TypeError, ValueError) as exc:
        raise RequestInvalidError(f"archive: tail: lacks or garbles {exc}; epoch, position, at, gaps_allowed") from exc


def _number(request: Mapping[str, Any], field: str) -> float:
    value = request.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestInvalidError(f"{request['do']}: {field}: got {value!r}; a number")
    return value
