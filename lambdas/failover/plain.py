"""Dataclasses as plain JSON values and back: one way to write down whatever travels or is stored.

How a class is written and read is worked out once for each class; what a value says is looked at each time.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Turning = Callable[[Any], Any]


def as_plain(value: Any) -> Any:
    """Return the value as dicts, lists, strings, numbers, booleans and ``None``; times as ISO 8601 with zone."""
    kind: Any = type(value)
    return _writer(kind)(value)


def from_plain(kind: type[T], value: Any) -> T:
    """Return the dataclass that ``as_plain`` wrote down; a field that was not known then has its default.

    Raises:
        KeyError, ValueError, TypeError: the value is not one of this kind.
    """
    return cast(T, _reader(kind)(value))


@cache
def _writer(kind: type) -> Turning:
    if is_dataclass(kind):
        names = tuple(each.name for each in fields(kind))
        return lambda value: {name: as_plain(getattr(value, name)) for name in names}
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, datetime):
        return kind.isoformat
    if issubclass(kind, dict):
        return lambda value: {str(key): as_plain(each) for key, each in value.items()}
    if issubclass(kind, tuple | list):
        return lambda value: [as_plain(each) for each in value]
    return _as_it_is


def _reader(kind: Any) -> Turning:
    origin = get_origin(kind)
    if origin is UnionType:
        read = _reader(get_args(kind)[0])
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read = _reader(get_args(kind)[0])
        return lambda value: tuple([read(each) for each in value])
    if origin is dict:
        read = _reader(get_args(kind)[1])
        return lambda value: {key: read(each) for key, each in value.items()}
    if kind is float:
        return float  # a service that writes 5.0 as 5 must not change what a digest is made of
    if not isinstance(kind, type):
        return _as_it_is
    if is_dataclass(kind):
        return lambda value: kind(**{name: read(value[name]) for name, read in _fields(kind) if name in value})
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, datetime):
        return kind.fromisoformat
    return _as_it_is


@cache
def _fields(kind: type) -> tuple[tuple[str, Turning], ...]:
    hints = get_type_hints(kind)
    return tuple((each.name, _reader(hints[each.name])) for each in fields(cast(Any, kind)))


def _as_it_is(value: Any) -> Any:
    return value
