"""What a checker finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a resource breaks; ``path`` is its place in the tree of constructs, ``stack/…/Resource``."""

    rule: str
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.path}: {self.text}"
