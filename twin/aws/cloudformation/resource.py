"""The form of a resource type that the twin adds to MiniStack's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]
"""What ``Ref`` gives, and what ``Fn::GetAtt`` gives by attribute."""
Answer = tuple[int, Any, Any]

TAGS = frozenset({"Tags", "HealthCheckTags"})


class ProvisioningError(ValueError):
    """A resource cannot be made or changed; its text becomes the reason of the stack's failure."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type: ``create`` (logical id, properties, stack) and ``delete`` (physical id, properties).

    A change of tags leaves a resource as it is; ``replaced_by`` names the properties whose change, as in the
    type's schema (createOnlyProperties), makes a new one; every other change goes to ``change``.
    """

    name: str
    create: Callable[[str, Properties, str], Made]
    delete: Callable[[str, Properties], None]
    change: Callable[[str, Properties], Made]
    replaced_by: frozenset[str] = frozenset()

    def handlers(self) -> dict[str, Any]:
        """Return the entry of MiniStack's table."""
        return {"create": self.create, "update": self._update, "update_with_logical_id": True, "delete": self.delete}

    def _update(self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)} - TAGS
        if changed & self.replaced_by:
            # CloudFormation deletes the old one when the stack's update is through.
            return self.create(logical_id, new, stack)
        return self.change(physical_id, new)


def accepted(kind: str, answer: Answer) -> Any:
    """Return the body of a service's answer.

    Raises:
        ProvisioningError: the service refused.
    """
    status, _, body = answer
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ProvisioningError(f"{kind}: {text}")
    return body
