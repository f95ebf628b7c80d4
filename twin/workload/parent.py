"""A child process that ends when the twin does, however that happens."""

import os
import select
import threading
from typing import Final

LOOK_SECONDS: Final = 0.5


def end_with_parent() -> None:
    """End this process when standard input closes or its parent is another one.

    A death signal (``PR_SET_PDEATHSIG``) would come too early: the kernel sends it when the *thread* that
    started the service ends, and a drill restarts services from short-lived threads.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            ready, _, _ = select.select([0], [], [], LOOK_SECONDS)
            if ready and not os.read(0, 1024):
                break
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()
