"""A deployment as people read it before it is done."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from failover.procedures.deploy_guard import Action, Change

MARKS = {Action.ADD: "+ add", Action.MODIFY: "~ modify", Action.REPLACE: "± REPLACE", Action.REMOVE: "- REMOVE"}
MOST_NAMES = 6


def table_of(plan: Mapping[str, Sequence[Change]]) -> Table:
    """Return the changes, stack by stack; what holds data is marked and comes first."""
    table = Table("stack", "change", "resource", "type", "data", "what changes", highlight=False)
    for stack, changes in plan.items():
        for change in sorted(changes, key=lambda each: (each.data is None, each.action, each.logical_id)):
            what = change.data.what.upper() if change.data else ""
            table.add_row(stack, MARKS[change.action], change.logical_id, change.resource_type, what, _names(change))
    return table


def rows_of(plan: Mapping[str, Sequence[Change]]) -> Iterator[dict[str, object]]:
    """Return the same for programs."""
    for stack, changes in plan.items():
        for change in changes:
            yield {
                "stack": stack,
                "action": change.action.value,
                "resource": change.logical_id,
                "type": change.resource_type,
                "data": change.data.what if change.data else None,
                "name": change.name or None,
                "changed": list(change.changed),
            }


def _names(change: Change) -> str:
    shown = ", ".join(change.changed[:MOST_NAMES])
    return shown if len(change.changed) <= MOST_NAMES else f"{shown} and {len(change.changed) - MOST_NAMES} more"
