"""What a deployment changes, in one form, wherever it was read: two templates, a hook's list, a change set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from failover.procedures.deploy_guard.kept import POLICIES, SAME_ONCE_MADE, Kept, kept

Resource = Mapping[str, Any]


class Action(StrEnum):
    """What happens to a resource. ``REPLACE``: a new one takes its place, empty."""

    ADD = "add"
    MODIFY = "modify"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a stack and what happens to it.

    ``data`` says what it holds, if it is one of those that are kept; ``name`` is its own name, where the template
    gives one; ``changed`` are the properties and policies that are no longer the same.
    """

    stack: str
    logical_id: str
    resource_type: str
    action: Action
    data: Kept | None = None
    name: str = ""
    changed: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """What an override of it is about: ``stack/LogicalId``."""
        return f"{self.stack}/{self.logical_id}"

    @property
    def turning(self) -> tuple[str, ...]:
        """Those of its changes that would make another thing of what is kept, or leave it unprotected."""
        turns = self.data.turns | POLICIES if self.data else frozenset[str]()
        return tuple(name for name in self.changed if name in turns)


def differences(stack: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what becomes of each resource when a stack's template is replaced by another.

    Properties are compared as they are written: a reference that stays the same and leads to something new is not
    seen here, but in a change set.
    """
    old, new = before.get("Resources") or {}, after.get("Resources") or {}
    return tuple(_differences(stack, old, new))


def _differences(stack: str, old: Mapping[str, Resource], new: Mapping[str, Resource]) -> Iterator[Change]:
    for logical_id in sorted({*old, *new}):
        change = changed_resource(stack, logical_id, old.get(logical_id), new.get(logical_id))
        if change is not None:
            yield change


def changed_resource(stack: str, logical_id: str, before: Resource | None, after: Resource | None) -> Change | None:
    """Return what happens to one resource, given as in a template; None when nothing does."""
    was, will = _properties(before), _properties(after)
    kind = str((before or after or {}).get("Type", ""))
    data = kept(kind, was, will)
    changed = tuple(sorted(_changed(was, will) | _policies(before or {}, after or {})))
    name = _name(data, was or will)
    if before is None:
        return Change(stack, logical_id, kind, Action.ADD, data, name)
    if after is None:
        return Change(stack, logical_id, kind, Action.REMOVE, data, name)
    if after.get("Type", kind) != kind:
        return Change(stack, logical_id, kind, Action.REPLACE, data, name, ("Type",))
    if not changed:
        return None
    return Change(stack, logical_id, kind, Action.MODIFY, data, name, changed)


def _properties(resource: Resource | None) -> Mapping[str, Any]:
    return (resource or {}).get("Properties") or {}


def _changed(was: Mapping[str, Any], will: Mapping[str, Any]) -> set[str]:
    return {name for name in {*was, *will} if was.get(name) != will.get(name)}


def _policies(before: Resource, after: Resource) -> set[str]:
    return {name for name in POLICIES if _policy(before, name) != _policy(after, name)}


def _policy(resource: Resource, name: str) -> Any:
    told = resource.get(name)
    return SAME_ONCE_MADE.get(told, told) if isinstance(told, str) else told


def _name(data: Kept | None, properties: Mapping[str, Any]) -> str:
    name = properties.get(data.named_by, "") if data else ""
    return name if isinstance(name, str) else ""
