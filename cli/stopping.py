"""Long work that is ended by a signal keeps what it has done: the first one asks it to stop, a second one insists."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked; ``exit_code`` is what a shell expects of one who was ended by that signal."""

    def __init__(self) -> None:
        self._asked: int | None = None

    def asked(self) -> bool:
        """Whether it is to end."""
        return self._asked is not None

    @property
    def exit_code(self) -> int:
        """Of one who was asked."""
        return 128 + (self._asked or 0)

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if self._asked is not None:
            raise KeyboardInterrupt
        self._asked = number


@contextmanager
def heeding() -> Iterator[Stop]:
    """Heed Ctrl-C and SIGTERM at the next schedule and not in the midst of one."""
    stop = Stop()
    before = {each: signal.signal(each, stop.hear) for each in SIGNALS}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
