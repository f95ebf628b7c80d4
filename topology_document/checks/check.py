"""One check of a document: the function that looks, and what it reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path


@dataclass(frozen=True, slots=True)
class Check:
    """``reads`` are dotted paths of the document, ``*`` for any key.

    One that lies ``beneath`` the others comes last: it reads everything, and says nothing of a thing that another has
    spoken of.
    """

    find: Callable[[TopologyDocument], Iterator[Finding]]
    reads: tuple[str, ...]
    beneath: bool = False

    def relies_on(self, broken: Path) -> bool:
        """Whether a broken path is one that the check reads, or lies around one."""
        return self.beneath or any(_around(broken, tuple(read.split("."))) for read in self.reads)


def _around(broken: Path, read: Path) -> bool:
    return len(broken) <= len(read) and all(key in ("*", step) for step, key in zip(broken, read, strict=False))
