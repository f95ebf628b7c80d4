"""Installing and checking what databases share: every end that answers, whatever became of the others."""

from collections.abc import Iterator
from dataclasses import dataclass

from failover.errors import DatabaseUnreachableError
from failover.sharing import End, Sharing, SharingAgent, SharingState, SharingStep


@dataclass(frozen=True, slots=True)
class Told:
    """What one end of a sharing said when it was asked for a step."""

    sharing: str
    end: End
    step: SharingStep
    state: SharingState


def installed(agent: SharingAgent, sharing: Sharing) -> Iterator[Told]:
    """Have every publisher publish before anybody subscribes: nobody can receive what is not there yet.

    A region that does not answer is told as wrong and holds up no other; what it lacks comes with the next call.
    """
    for end in sharing.publishers:
        yield _asked(agent, sharing, end, SharingStep.PUBLISH)
    for end in sharing.subscribers:
        if sharing.sources_of(end.database):
            yield _asked(agent, sharing, end, SharingStep.SUBSCRIBE)


def looked_at(agent: SharingAgent, sharing: Sharing) -> Iterator[Told]:
    """Have every end say what is wrong, and change nothing."""
    for end in dict.fromkeys((*sharing.publishers, *sharing.subscribers)):
        yield _asked(agent, sharing, end, SharingStep.LOOK)


def _asked(agent: SharingAgent, sharing: Sharing, end: End, step: SharingStep) -> Told:
    try:
        state = agent.share(end, step, sharing)
    except DatabaseUnreachableError as exc:
        state = SharingState(wrong=(str(exc),))
    return Told(sharing.name, end, step, state)
