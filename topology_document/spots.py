"""Which field of the model a path of the document leads to."""

from dataclasses import dataclass
from enum import EnumType
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from topology_document.document import TopologyDocument


@dataclass(frozen=True, slots=True)
class Spot:
    """The innermost field around a path, how deep it lies (in keys), and the type at the path itself."""

    field: FieldInfo | None
    depth: int
    kind: Any

    @property
    def section(self) -> type[BaseModel] | None:
        """The section at the path itself, or None where there is something else."""
        return self.kind if isinstance(self.kind, type) and issubclass(self.kind, BaseModel) else None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of an enumeration at the path itself."""
        return tuple(self.kind.__members__[name].value for name in self.kind.__members__) if self._is_choice else ()

    @property
    def _is_choice(self) -> bool:
        return isinstance(self.kind, EnumType)


def spot_at(path: tuple[str | int, ...]) -> Spot:
    """Return the spot of a path; a path that leaves the model ends at the last field that it passed."""
    field, depth, kind = None, 0, _plain(TopologyDocument)
    for at, step in enumerate(path, start=1):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if step not in kind.model_fields:
                return Spot(field, depth, None)
            field, depth = kind.model_fields[str(step)], at
            kind = _plain(field.annotation)
        elif get_origin(kind) in (dict, list):
            kind = _plain(get_args(kind)[-1])
        else:
            return Spot(field, depth, None)
    return Spot(field, depth, kind)


def sections_with(key: str) -> list[str]:
    """Return the dotted places of the model where a key of this name belongs."""
    return _places(TopologyDocument, (), key)


def example_of(field: FieldInfo) -> Any:
    """Return a value that is surely allowed: the first example, or the default where there is none."""
    if field.examples:
        return field.examples[0]
    default = field.get_default(call_default_factory=True)
    return default.model_dump(mode="json", exclude_none=True) if isinstance(default, BaseModel) else default


def _places(section: type[BaseModel], around: tuple[str, ...], key: str) -> list[str]:
    found = [".".join((*around, key))] if key in section.model_fields else []
    for name, field in section.model_fields.items():
        kind, inner = _plain(field.annotation), (*around, name)
        if get_origin(kind) in (dict, list):
            kind, inner = _plain(get_args(kind)[-1]), (*inner, "*")
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _places(kind, inner, key)
    return found


def _plain(kind: Any) -> Any:
    """Strip ``Annotated`` and ``| None`` off a type."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) is UnionType:
        return _plain(next(each for each in get_args(kind) if each is not type(None)))
    return kind
