"""Plays seeds one after another on as many processes as are allowed, until there are enough."""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Final

import psutil

from simulator.campaign.playing import Order, Played, play_seed
from simulator.campaign.summary import Summary
from simulator.workers import work_for

MEASURED_EVERY: Final = 2000
"""Schedules between two looks at how much memory is held."""

COLLECTED_EVERY: Final = 25
"""Schedules after which a process throws away what is left of them: some 50 MB."""

BATCH: Final = 100
"""Seeds for each process after which all wait for the slowest."""

AT_ONCE: Final = 8
"""Seeds that a process takes at a time: a schedule takes milliseconds, and handing them over should not."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Which seeds: from ``first`` on, ``schedules`` of them or as many as ``minutes`` allow, on ``jobs`` processes."""

    order: Order
    first: int = 0
    schedules: int | None = None
    minutes: float | None = None
    jobs: int = 1
    until_violation: bool = False


def run(
    campaign: Campaign,
    summary: Summary,
    told: Callable[[Played], None] = lambda _played: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Play a campaign and add what comes of it to the summary; ``told`` hears of each schedule as it ends.

    ``stopped`` is asked after each whether that was enough: what has been played by then is counted.

    Seeds count in their order, whatever process is faster, so that a campaign that is stopped can go on.
    """
    until = None if campaign.minutes is None else time.monotonic() + 60 * campaign.minutes
    began = time.monotonic()
    played = _played(campaign)
    try:
        for each in played:
            summary.add(each)
            summary.real_seconds += time.monotonic() - began
            if summary.schedules % MEASURED_EVERY == 0:
                summary.memory_mib[summary.schedules] = _memory_mib()
            began = time.monotonic()
            told(each)
            if campaign.until_violation and each.violation is not None:
                return
            if stopped() or (until is not None and time.monotonic() >= until):
                return
    finally:
        played.close()


def _memory_mib() -> float:
    """What this process and its children hold, in MiB; pages that they share are counted for each."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return float(round(sum(each.memory_info().rss for each in processes) / 2**20, 1))


def collect_seldom() -> None:
    """Make this process ready for very many schedules.

    A schedule's world is a web of references that dies as a whole, which the collector would walk through again and
    again while it lives: 15 % of the time.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """The same for a while."""
    collect_seldom()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _begin(parent: int) -> None:
    work_for(parent)
    collect_seldom()


def _play(order: Order, seed: int) -> Played:
    played = play_seed(order, seed)
    if seed % COLLECTED_EVERY == 0:
        gc.collect()
    return played


def _played(campaign: Campaign) -> Generator[Played, None, None]:
    seeds = count(campaign.first)
    wanted = iter(seeds if campaign.schedules is None else islice(seeds, campaign.schedules))
    play = partial(_play, campaign.order)
    if campaign.jobs == 1:
        with collecting_seldom():
            yield from map(play, wanted)
        return
    # Forked, so that nothing is imported again; what ends the campaign early ends the processes with it. A pool takes
    # all that it is given at once, and of seeds there is no end.
    with multiprocessing.get_context("fork").Pool(campaign.jobs, _begin, (os.getpid(),)) as pool:
        while batch := list(islice(wanted, campaign.jobs * BATCH)):
            yield from pool.imap(play, batch, chunksize=AT_ONCE)
