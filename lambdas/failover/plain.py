"""Dataclasses as plain JSON values and back: one way to write down whatever travels or is stored."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def as_plain(value: Any) -> Any:
    """Return the value as dicts, lists, strings, numbers, booleans and ``None``; times as ISO 8601 with zone."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(each) for each in value]
    return value


def from_plain(kind: type[T], value: Any) -> T:
    """Return the dataclass that ``as_plain`` wrote down; a field that was not known then has its default.

    Raises:
        KeyError, ValueError, TypeError: the value is not one of this kind.
    """
    return cast(T, _build(kind, value))


def _build(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        return None if value is None else _build(get_args(kind)[0], value)
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], each) for each in value)
    if origin is dict:
        return {key: _build(get_args(kind)[1], each) for key, each in value.items()}
    if kind is float:
        return float(value)  # a service that writes 5.0 as 5 must not change what a digest is made of
    if not isinstance(kind, type):
        return value
    if is_dataclass(kind):
        return kind(**{name: _build(hint, value[name]) for name, hint in _hints(kind).items() if name in value})
    if issubclass(kind, Enum):
        return kind(value)
    if issubclass(kind, datetime):
        return datetime.fromisoformat(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(cast(Any, kind))}
