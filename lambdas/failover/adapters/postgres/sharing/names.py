"""What PostgreSQL's objects of a sharing are called."""

import hashlib
from typing import Final

PUBLISHER: Final = "lifeboat_publisher"
"""The login that subscribers use; it may read the published columns and nothing else."""

_LONGEST: Final = 63


def publication(sharing: str) -> str:
    """The publication, of the same name at each publisher."""
    return _named("lifeboat", sharing)


def subscription(sharing: str, source: str) -> str:
    """The subscription of a database to one publisher."""
    return _named("lifeboat", sharing, "from", source)


def slot(sharing: str, subscriber: str) -> str:
    """The slot that a publisher keeps for one subscriber."""
    return _named("lifeboat", sharing, "to", subscriber)


def identity(table: str) -> str:
    """The unique index by which old rows of a table are told."""
    return _named("lifeboat_identity", table)


def filler(table: str) -> str:
    """The function and the trigger that fill a table."""
    return _named("lifeboat_fill", table)


def _named(*words: str) -> str:
    name = "_".join(words).replace("-", "_")
    if len(name) <= _LONGEST:
        return name
    # PostgreSQL would cut it off without a word, and two might become one.
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
