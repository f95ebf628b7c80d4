"""A document's text without the regions that are not there: lists and mappings lose them, by the types of their keys.

So a section that is added later is narrowed too. A thing that stood in other regions only is gone; what says nothing
of regions stays as it was.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final, get_args, get_origin

from pydantic.fields import FieldInfo

from topology_document.section import Section
from topology_document.values import RegionName
from topology_document.whereabouts import PlaceName

NAMES: Final = {get_args(kind)[1] for kind in (RegionName, PlaceName)}
"""What tells the names of regions from other texts: the validators of their types."""


Regions = Collection[str]
"""Those that are kept; never a text, in which a part of a name would be found."""


class GoneError(Exception):
    """A section says something of regions only that are not there."""


def narrowed(section: type[Section], values: dict[str, Any], kept: Regions) -> dict[str, Any]:
    """Return what a section's text says of the regions that are kept.

    Raises:
        GoneError: it says nothing of it.
    """
    left = {}
    for key, value in values.items():
        field = section.model_fields.get(key)
        told = value if field is None else _narrowed(field, value, kept)
        if told is not None:
            left[key] = told
    return left


def _narrowed(field: FieldInfo, value: Any, kept: Regions) -> Any:
    inner = section_in(field)
    if inner is not None and isinstance(value, dict):
        return _sections(field, inner, value, kept)
    if inner is not None and isinstance(value, list):
        return [each for each in value if _is_here(inner, each, kept)]
    if isinstance(value, list) and _names_regions(field):
        return _few(field, [each for each in value if each in kept], value)
    if isinstance(value, dict):
        by_key, by_value = _mapping_of_regions(field)
        few = {
            key: each
            for key, each in value.items()
            if not (by_key and key not in kept) and not (by_value and each not in kept)
        }
        return _few(field, few, value)
    if isinstance(value, str) and value not in kept and _names_regions(field):
        if field.is_required():
            raise GoneError(value)
        return None
    return value


def _few(field: FieldInfo, few: Any, before: Any) -> Any:
    """Nothing where there was something: as if it had not been said, if that means none and not all."""
    if few or not before:
        return few
    if field.is_required() or (field.default is None and field.default_factory is None):
        raise GoneError(str(before))
    return None


def _sections(field: FieldInfo, inner: type[Section], value: dict[str, Any], kept: Regions) -> Any:
    if not _is_mapping(field):
        try:
            return narrowed(inner, value, kept)
        except GoneError:
            if field.is_required():
                raise
            return None
    by_key, _ = _mapping_of_regions(field)
    left = {}
    for name, each in value.items():
        if by_key and name not in kept:
            continue
        try:
            left[name] = narrowed(inner, each, kept)
        except GoneError:
            continue
    return left or None


def _is_here(section: type[Section], values: dict[str, Any], kept: Regions) -> bool:
    """Whether one of a list is of regions that are kept, or of no region: without its own it would be of all."""
    said = [value for key, value in values.items() if _names_regions(section.model_fields[key])]
    return all(value in kept for value in said)


def section_in(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field holds, one or several of."""
    return next(
        (each for each in _parts(field.annotation) if isinstance(each, type) and issubclass(each, Section)), None
    )


def _is_mapping(field: FieldInfo) -> bool:
    return any(get_origin(each) is dict for each in _parts(field.annotation))


def _mapping_of_regions(field: FieldInfo) -> tuple[bool, bool]:
    for each in _parts(field.annotation):
        if get_origin(each) is dict:
            key, value = get_args(each)
            return _is_region(key), _is_region(value)
    return False, False


def _names_regions(field: FieldInfo) -> bool:
    return any(each in NAMES for each in field.metadata) or any(map(_is_region, _parts(field.annotation)))


def _is_region(kind: Any) -> bool:
    return any(each in NAMES for each in getattr(kind, "__metadata__", ()))


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for each in get_args(annotation):
        yield from _parts(each)
