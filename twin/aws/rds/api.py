"""The form of an API action: parameters in, a response, an error response or silence out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.services import rds as ministack_rds

Parameters = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """In place of a response: the caller is left waiting."""


Action = Callable[[Parameters], Response | Unanswered]


class ApiError(Exception):
    """An RDS error response: its code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def answering(action: Action) -> Action:
    """Return an action whose ``ApiError`` becomes the response."""

    def answer(p: Parameters) -> Response | Unanswered:
        try:
            return action(p)
        except ApiError as exc:
            error: Response = ministack_rds._error(exc.code, str(exc), exc.status)
            return error

    return answer


def text(p: Parameters, name: str) -> str:
    """Return a parameter, or an empty text."""
    return str(ministack_rds._p(p, name))
