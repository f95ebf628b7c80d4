"""Types that MiniStack lacks and that nothing of a drill hangs on: written down, and given attributes of a sort."""

from typing import Any

from twin.aws.cloudformation.resource import Made, Properties

LONGEST = 128


class Attributes(dict[str, Any]):
    """Has every attribute that is asked for, as a text that names where it comes from."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"{self['Ref']}.{name}"


def handlers() -> dict[str, Any]:
    """Return the entry of MiniStack's table for such a type."""
    return {"create": _create, "update": _update, "update_with_logical_id": True, "delete": lambda _id, _told: None}


def _create(logical_id: str, _properties: Properties, stack: str) -> Made:
    return _made(f"{stack}-{logical_id}"[-LONGEST:])


def _update(physical_id: str, _old: Properties, _new: Properties, _stack: str, _logical_id: str) -> Made:
    return _made(physical_id)


def _made(physical_id: str) -> Made:
    return physical_id, Attributes(Ref=physical_id, Id=physical_id, Arn=f"arn:aws:recorded:::{physical_id}")
