"""What a change set says that it will do, in the guard's own form."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from failover.procedures.deploy_guard import POLICIES, Action, Change, differences

Described = Mapping[str, Any]

ACTIONS = {"Add": Action.ADD, "Import": Action.ADD, "Modify": Action.MODIFY, "Remove": Action.REMOVE}


def changes_of(
    stack: str, described: Sequence[Described], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Change, ...]:
    """Return the changes of a change set (DescribeChangeSet's ``ResourceChange``), with the templates' details.

    The templates say what a resource is called and which policies it loses; the change set knows in addition what
    follows from references.
    """
    written = {each.logical_id: each for each in differences(stack, before, after)}
    every = differences(stack, before, {}) + differences(stack, {}, after)
    known = {each.logical_id: each for each in every}
    renewed = {each["LogicalResourceId"] for each in described if _is_renewed(each)}
    return tuple(_change(stack, each, written, known, renewed) for each in described)


def _change(
    stack: str,
    described: Described,
    written: Mapping[str, Change],
    known: Mapping[str, Change],
    renewed: AbstractSet[str],
) -> Change:
    name = described["LogicalResourceId"]
    bare = Change(stack, name, described["ResourceType"], Action.MODIFY)
    found = written.get(name) or known.get(name) or bare
    changed = set(found.changed if name in written else ()) | _changed(described, renewed)
    action = ACTIONS.get(described["Action"], Action.REPLACE)
    if action is Action.MODIFY and (described.get("Replacement") == "True" or found.action is Action.REPLACE):
        action = Action.REPLACE
    return replace(found, action=action, changed=tuple(sorted(changed)))


def _changed(described: Described, renewed: AbstractSet[str]) -> set[str]:
    """The properties whose value changes for certain, or since what they refer to becomes another."""
    found = set()
    for detail in described.get("Details") or ():
        target = detail.get("Target") or {}
        name = target.get("Name") if target.get("Attribute") == "Properties" else target.get("Attribute")
        if name in POLICIES:  # a change set calls two words for the same a change; the templates have both
            continue
        cause = str(detail.get("CausingEntity") or "").partition(".")[0]
        # A reference to what is changed in place is listed as well; it leads to the same thing afterwards.
        refers = detail.get("ChangeSource") in ("ResourceReference", "ResourceAttribute")
        if name and (not refers or cause in renewed):
            found.add(str(name))
    return found


def _is_renewed(described: Described) -> bool:
    """Whether another thing will be in its place: ``Conditional`` counts if a property of its own may replace it."""
    if described["Action"] != "Modify":
        return True
    if described.get("Replacement") == "True":
        return True
    own = (each for each in described.get("Details") or () if each.get("ChangeSource") == "DirectModification")
    return described.get("Replacement") == "Conditional" and any(
        (each.get("Target") or {}).get("RequiresRecreation") in ("Always", "Conditionally") for each in own
    )
