"""What people have said to the loss of a database's newest writes, and how a loss is told to them."""

from failover.ports import Ports
from failover.records import Word, WordKind


def standing_consent(ports: Ports, database: str) -> Word | None:
    """Return the word that counts now and is about the database's present writer: a consent, or its refusal."""
    word, epoch = ports.store.word(WordKind.CONSENT, database), ports.store.database(database).epoch
    return word if word is not None and word.counts(ports.clock.now()) and word.is_about(epoch) else None


def worded_loss(database: str, target: str, loss_seconds: float | None, allowed: float) -> str:
    """Say what the best copy of a database would lose, beside what may be lost without asking anybody."""
    known = "unknown" if loss_seconds is None else f"up to {loss_seconds:.0f} s"
    return f"the best copy of {database}, in {target}, would lose {known} of writes; {allowed} s are allowed"
