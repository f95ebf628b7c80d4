"""A cloud assembly, as ``cdk synth`` writes it, and the order in which its stacks are deployed."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, Final

from failover.errors import RequestInvalidError

GROUND: Final = ("zone", "quorum")
LAST: Final = ("global", "deploy-guard")
SERVING: Final = (*GROUND, "regional", "control", "advisory", *LAST)
"""The layers whose stacks, once there, are changed in an order of their own, whatever they waited for at first."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of an assembly; ``deploys_as`` is the role that the bootstrap made for deployments.

    ``after`` are all the stacks that it waits for, by whatever number of others.
    """

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
    after = _whole({name: told.keys() & each.get("dependencies", ()) for name, each in told.items()})
    return {name: _stack(name, each, after[name], assembly) for name, each in told.items()}


def chosen(stacks: Mapping[str, Stack], names: Sequence[str]) -> list[Stack]:
    """Return the stacks of these names, or all.

    Raises:
        RequestInvalidError: there is no stack of a name.
    """
    unknown = [name for name in names if name not in stacks]
    if unknown:
        raise RequestInvalidError(f"stack: got {', '.join(unknown)}; this topology has {', '.join(sorted(stacks))}")
    return [stacks[name] for name in names] if names else list(stacks.values())


def in_order(
    stacks: Sequence[Stack], writers: AbstractSet[str], *, primary_first: bool, new: AbstractSet[str] = frozenset()
) -> list[Stack]:
    """Return the stacks in the order of their deployment.

    What is there is changed standby first, and where databases are written *now* last, so that a bad change is met
    where it costs least. What is ``new`` is made after what it waits for, and before what waits for it; the areas'
    stacks come after what they wait for always. With ``primary_first`` all do, since a replica needs its source.
    """
    names = {each.name: each for each in stacks}

    def waits_for(stack: Stack) -> AbstractSet[str]:
        every = stack.after & names.keys()
        all_of_them = primary_first or stack.name in new or stack.layer not in SERVING
        return every if all_of_them else every & new

    waiting = TopologicalSorter({each.name: waits_for(each) for each in stacks})
    waiting.prepare()
    ready: list[tuple[tuple[int, str, bool, str], Stack]] = []
    ordered: list[Stack] = []
    while waiting:
        for name in waiting.get_ready():
            each = names[name]
            heappush(ready, ((_rank(each, writers), each.region, each.layer != "regional", name), each))
        _, following = heappop(ready)
        ordered.append(following)
        waiting.done(following.name)
    return ordered


def _rank(stack: Stack, writers: AbstractSet[str]) -> int:
    if stack.layer in GROUND:
        return GROUND.index(stack.layer)
    if stack.layer in LAST:
        return 10 + LAST.index(stack.layer)
    return 6 if stack.region in writers else 5


def _whole(after: Mapping[str, AbstractSet[str]]) -> dict[str, frozenset[str]]:
    whole: dict[str, frozenset[str]] = {}
    for name in TopologicalSorter(after).static_order():
        whole[name] = frozenset(after[name]).union(*(whole[each] for each in after[name]))
    return whole


def _stack(name: str, told: Mapping[str, Any], after: frozenset[str], assembly: Path) -> Stack:
    properties = told["properties"]
    role = properties.get("assumeRoleArn")
    return Stack(
        name=name,
        layer=properties.get("tags", {}).get("lifeboat:layer", ""),
        region=told["environment"].rpartition("/")[2],
        deploys_as=role.replace("${AWS::Partition}", "aws") if role else None,
        after=after,
        template=json.loads((assembly / properties["templateFile"]).read_text("utf-8")),
    )
