"""Everything that happens in a schedule, as one text: ``python trace.py SEED…`` prints it, seed after seed."""

import hashlib
import sys

from simulator.latencies import COMPRESSED, Latencies
from simulator.schedule import Schedule
from simulator.schedules import draw
from tests.products import quickstart


def trace(seed: int) -> str:
    """Return every line of the journal, write, answer, promotion, page and state of a drawn schedule, in its order."""
    product = quickstart()
    schedule = Schedule(product, draw(product, seed), str(seed), Latencies.read(COMPRESSED))
    outcome, world = schedule.play(), schedule.world
    recorder = world.recorder
    told: list[object] = [*outcome.journal, *recorder.dns_answers, *recorder.promotions, *recorder.pages]
    told += [*recorder.flips, *recorder.answers, *recorder.calls, *recorder.acknowledged, *recorder.counted.items()]
    told += [(each.group, each.number, each.ended_at, each.outcome, each.reason) for each in recorder.writes]
    told += [event for execution in world.executions.all for event in execution.events]
    told += [outcome.violation, outcome.events, [*outcome.covered.items()], [*outcome.endings.items()]]
    return "\n".join(map(repr, told))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        text = trace(int(each))
        sys.stdout.write(f"{each} {len(text)} {hashlib.sha256(text.encode()).hexdigest()}\n")
