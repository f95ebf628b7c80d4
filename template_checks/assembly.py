"""A cloud assembly as the checkers see it: its templates, whose resource is whose, and what is accepted where."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stacks.acceptance import ACCEPTED


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Rules whose findings stand, at a construct and beneath it, and why."""

    path: str
    rules: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a template; ``path`` is its place in the tree of constructs."""

    stack: str
    id: str
    type: str
    path: str
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Assembly:
    """What one synthesis has written into a folder."""

    folder: Path

    @cached_property
    def templates(self) -> dict[str, Path]:
        """The templates, by stack."""
        return {file.name.removesuffix(".template.json"): file for file in sorted(self.folder.glob("*.template.json"))}

    @cached_property
    def regions(self) -> dict[str, str]:
        """The region of each stack."""
        artifacts = json.loads((self.folder / "manifest.json").read_text("utf-8"))["artifacts"]
        stacks = {name: each for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"}
        return {name: each["environment"].rsplit("/", 1)[1] for name, each in stacks.items()}

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource of every stack."""
        return tuple(each for stack, file in self.templates.items() for each in _resources(stack, file))

    @cached_property
    def acceptances(self) -> tuple[Acceptance, ...]:
        """Everything that is accepted somewhere, once for each place."""
        files = sorted(self.folder.glob("*.metadata.json"))
        return tuple(each for file in files for each in _acceptances(json.loads(file.read_text("utf-8"))))

    def path_of(self, stack: str, id: str) -> str:
        """Return the place of a resource in the tree of constructs."""
        return self._paths.get((stack, id), f"{stack}/{id}")

    @cached_property
    def _paths(self) -> dict[tuple[str, str], str]:
        return {(each.stack, each.id): each.path for each in self.resources}


def _resources(stack: str, file: Path) -> Iterator[Resource]:
    for id, body in json.loads(file.read_text("utf-8")).get("Resources", {}).items():
        path = body.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{id}")
        yield Resource(stack, id, body["Type"], path, body)


def _acceptances(places: dict[str, list[dict[str, Any]]]) -> Iterator[Acceptance]:
    for place, entries in places.items():
        for entry in entries:
            if entry["type"] == ACCEPTED:
                yield Acceptance(place.removeprefix("/"), tuple(entry["data"]["rules"]), entry["data"]["because"])
