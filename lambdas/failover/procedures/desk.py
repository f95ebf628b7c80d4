"""The database agent's desk: one request, one copy, one answer."""

from collections.abc import Mapping
from typing import Any

from failover.errors import RequestInvalidError
from failover.ports import CopyState, DatabaseCopy


class DatabaseDesk:
    """Serves the copies of one region to executors of any region."""

    def __init__(self, copies: Mapping[str, DatabaseCopy]) -> None:
        self._copies = copies

    def answer(self, request: Mapping[str, Any]) -> CopyState:
        """Do what the request says and return the copy's state after it.

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
            case verb:
                raise RequestInvalidError(f"do: got {verb!r}; one of: install, describe, fence, admit")


def _number(request: Mapping[str, Any], field: str) -> float:
    value = request.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestInvalidError(f"{request['do']}: {field}: got {value!r}; a number")
    return value
