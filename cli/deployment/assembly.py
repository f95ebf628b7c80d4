"""A cloud assembly, as ``cdk synth`` writes it, and the order in which its stacks are deployed."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

from failover.errors import RequestInvalidError

GROUND: Final = ("zone", "quorum")
LAST: Final = ("global", "deploy-guard")


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of an assembly; ``deploys_as`` is the role that the bootstrap made for deployments."""

    name: str
    layer: str
    region: str
    deploys_as: str | None
    after: frozenset[str]
    template: Mapping[str, Any]


def stacks_of(assembly: Path) -> dict[str, Stack]:
    """Return the assembly's stacks, by name; raises ``RequestInvalidError`` where the folder is no assembly."""
    try:
        artifacts = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise RequestInvalidError(
            f"app: got {str(assembly)!r}, which has no manifest.json of a cloud assembly; name the folder that "
            "`cdk synth --output` wrote"
        ) from exc
    told = {name: each for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"}
    return {name: _stack(name, each, frozenset(told), assembly) for name, each in told.items()}


def chosen(stacks: Mapping[str, Stack], names: Sequence[str]) -> list[Stack]:
    """Return the stacks of these names, or all.

    Raises:
        RequestInvalidError: there is no stack of a name.
    """
    unknown = [name for name in names if name not in stacks]
    if unknown:
        raise RequestInvalidError(f"stack: got {', '.join(unknown)}; this topology has {', '.join(sorted(stacks))}")
    return [stacks[name] for name in names] if names else list(stacks.values())


def in_order(stacks: Sequence[Stack], writers: AbstractSet[str], *, primary_first: bool) -> list[Stack]:
    """Return the stacks in the order of their deployment.

    What is new is made primary first, since a replica needs its source. What is there is changed standby first, and
    where databases are written *now* last, so that a bad change is met where it costs least.
    """
    if primary_first:
        names = {each.name: each for each in stacks}
        ordered = TopologicalSorter({each.name: sorted(each.after & names.keys()) for each in stacks}).static_order()
        return [names[name] for name in ordered]
    return sorted(stacks, key=lambda each: (_rank(each, writers), each.region, each.layer != "regional", each.name))


def _rank(stack: Stack, writers: AbstractSet[str]) -> int:
    if stack.layer in GROUND:
        return GROUND.index(stack.layer)
    if stack.layer in LAST:
        return 10 + LAST.index(stack.layer)
    return 6 if stack.region in writers else 5


def _stack(name: str, told: Mapping[str, Any], names: frozenset[str], assembly: Path) -> Stack:
    properties = told["properties"]
    role = properties.get("assumeRoleArn")
    return Stack(
        name=name,
        layer=properties.get("tags", {}).get("lifeboat:layer", ""),
        region=told["environment"].rpartition("/")[2],
        deploys_as=role.replace("${AWS::Partition}", "aws") if role else None,
        after=frozenset(told.get("dependencies", ())) & names,
        template=json.loads((assembly / properties["templateFile"]).read_text("utf-8")),
    )
