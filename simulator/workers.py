"""Processes that play for another one: they hear of no Ctrl-C, since that one does, and end when it ends."""

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def work_for(parent: int) -> None:
    """Make this process one of a pool of ``parent``'s; the first that it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        # A parent that is killed cannot end its pool, and a pool without one waits for work for ever.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed before this line
            os._exit(1)
