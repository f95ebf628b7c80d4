"""Changes to MiniStack's tables and functions, each of which is taken back when the twin stops."""

from collections.abc import Callable
from typing import Any


class Patches:
    """What was replaced, and by what, in the order of replacement."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def replace(self, module: Any, name: str, value: Any) -> Any:
        """Replace an attribute that is there, and return what it was."""
        before = getattr(module, name)
        setattr(module, name, value)
        self._undo.append(lambda: setattr(module, name, before))
        return before

    def replace_item(self, table: dict[Any, Any], key: Any, value: Any) -> Any:
        """Replace or add an entry of a table, and return what it was, or ``None``."""
        had, before = key in table, table.get(key)
        table[key] = value
        self._undo.append(lambda: table.__setitem__(key, before) if had else table.__delitem__(key))
        return before

    def withdraw(self, table: dict[Any, Any], entries: dict[Any, Any]) -> None:
        """Take entries out of a table."""
        for key in entries:
            del table[key]
        self._undo.append(lambda: table.update(entries))

    def undo(self) -> None:
        """Put everything back, the last first; safe to repeat."""
        while self._undo:
            self._undo.pop()()
