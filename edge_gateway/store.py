"""The disk of a gateway: what was read of the region, and what it has not been told yet."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge_gateway.messages import Answer, Write

SCHEMA = """
CREATE TABLE IF NOT EXISTS cached (
    path TEXT PRIMARY KEY, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
    read_at REAL NOT NULL, used_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS cached_used ON cached (used_at);
CREATE TABLE IF NOT EXISTS writes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, method TEXT NOT NULL, path TEXT NOT NULL,
    body BLOB NOT NULL, content_type TEXT NOT NULL, taken_at REAL NOT NULL,
    status INTEGER, headers TEXT, answer BLOB, sent_at REAL);
CREATE INDEX IF NOT EXISTS writes_waiting ON writes (number) WHERE status IS NULL;
"""


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer of the region, and when it was read."""

    answer: Answer
    read_at: float


class Store:
    """SQLite, synchronous in full: what a client was told is kept survives the end of the process and of the power."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db

    def cached(self, path: str, now: float) -> Cached | None:
        """Return what was read at a path, and note that it was asked for."""
        with self._open() as db:
            found = db.execute("SELECT status, headers, body, read_at FROM cached WHERE path = ?", (path,)).fetchone()
            if found is None:
                return None
            db.execute("UPDATE cached SET used_at = ? WHERE path = ?", (now, path))
        status, headers, body, read_at = found
        return Cached(Answer(status, body, json.loads(headers)), read_at)

    def cache(self, path: str, answer: Answer, now: float, most_bytes: int) -> None:
        """Keep an answer; what was asked for longest ago makes room for it."""
        if len(answer.body) > most_bytes:
            return
        with self._open() as db:
            kept = (path, answer.status, json.dumps(dict(answer.headers)), answer.body, now, now)
            db.execute("INSERT OR REPLACE INTO cached VALUES (?, ?, ?, ?, ?, ?)", kept)
            (size,) = db.execute("SELECT sum(length(body)) FROM cached").fetchone()
            while size > most_bytes:
                oldest, length = db.execute(
                    "SELECT path, length(body) FROM cached ORDER BY used_at, path LIMIT 1"
                ).fetchone()
                db.execute("DELETE FROM cached WHERE path = ?", (oldest,))
                size -= length

    def take(self, write: Write, now: float, most: int) -> bool:
        """Queue a write, once by its key; return whether there was room, or it was there already."""
        with self._open() as db:
            if db.execute("SELECT 1 FROM writes WHERE key = ?", (write.key,)).fetchone():
                return True
            (waiting,) = db.execute("SELECT count(*) FROM writes WHERE status IS NULL").fetchone()
            if waiting >= most:
                return False
            fields = "key, method, path, body, content_type, taken_at"
            told = (write.key, write.method, write.path, write.body, write.content_type, now)
            db.execute(f"INSERT INTO writes ({fields}) VALUES (?, ?, ?, ?, ?, ?)", told)  # noqa: S608 - our own words
        return True

    def first(self) -> Write | None:
        """Return the write that has waited longest."""
        with self._lock:
            found = self._db.execute(
                "SELECT key, method, path, body, content_type FROM writes WHERE status IS NULL ORDER BY number LIMIT 1"
            ).fetchone()
        return None if found is None else Write(*found)

    def done(self, key: str, answer: Answer, now: float) -> None:
        """Note what the region answered to a write, which waits no more."""
        told = (answer.status, json.dumps(dict(answer.headers)), answer.body, now, key)
        with self._open() as db:
            db.execute("UPDATE writes SET status = ?, headers = ?, answer = ?, sent_at = ? WHERE key = ?", told)

    def answer(self, key: str) -> Answer | None:
        """Return what the region answered to a write; ``None`` while it waits.

        Raises:
            KeyError: there is no write of this key.
        """
        with self._lock:
            found = self._db.execute("SELECT status, answer, headers FROM writes WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        status, body, headers = found
        return None if status is None else Answer(status, body, json.loads(headers))

    def waiting(self) -> tuple[int, float | None]:
        """Return how many writes wait, and since when the first does."""
        with self._lock:
            found = self._db.execute("SELECT count(*), min(taken_at) FROM writes WHERE status IS NULL").fetchone()
        return int(found[0]), found[1]

    def refused(self) -> int:
        """Return how many writes the region would not have."""
        with self._lock:
            (found,) = self._db.execute("SELECT count(*) FROM writes WHERE status >= 400").fetchone()
        return int(found)

    def forget(self, before: float) -> None:
        """Forget writes that the region took before a time; those that it refused stay for people to look at."""
        with self._open() as db:
            db.execute("DELETE FROM writes WHERE status < 400 AND sent_at < ?", (before,))
