"""Plays seeds one after another on as many processes as are allowed, until there are enough."""

import multiprocessing
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import Final

from simulator.campaign.playing import Order, Played, play_seed
from simulator.campaign.summary import Summary

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


def run(campaign: Campaign, summary: Summary, told: Callable[[Played], None] = lambda _played: None) -> None:
    """Play a campaign and add what comes of it to the summary; ``told`` hears of each schedule as it ends.

    Seeds count in their order, whatever process is faster, so that a campaign that is stopped can go on.
    """
    until = None if campaign.minutes is None else time.monotonic() + 60 * campaign.minutes
    began = time.monotonic()
    played = _played(campaign)
    try:
        for each in played:
            summary.add(each)
            summary.real_seconds += time.monotonic() - began
            began = time.monotonic()
            told(each)
            if campaign.until_violation and each.violation is not None:
                return
            if until is not None and time.monotonic() >= until:
                return
    finally:
        played.close()


def _played(campaign: Campaign) -> Generator[Played, None, None]:
    seeds = count(campaign.first)
    wanted = seeds if campaign.schedules is None else islice(seeds, campaign.schedules)
    play = partial(play_seed, campaign.order)
    if campaign.jobs == 1:
        yield from map(play, wanted)
        return
    # Forked, so that nothing is imported again; what ends the campaign early ends the processes with it.
    with multiprocessing.get_context("fork").Pool(campaign.jobs) as pool:
        yield from pool.imap(play, wanted, chunksize=AT_ONCE)
