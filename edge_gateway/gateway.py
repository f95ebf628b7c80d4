"""What a gateway does: reads by way of its cache, writes by way of its queue."""

import threading
from collections.abc import Callable, Mapping

from edge_gateway.messages import KEY, ORIGIN, Answer, OutOfReachError, Send, Write
from edge_gateway.settings import Settings
from edge_gateway.store import Store

LATER = frozenset({408, 425, 429})
"""What a region answers that wants the same request again, later."""

PERSONAL = ("authorization", "cookie")


class Gateway:
    """One city's: its region may go away at any time and for long, and so may this process.

    A write is on the disk before anybody is told of it. Writes reach the region in the order in which they were taken,
    one at a time: the next one waits until the region has answered to the one before. One whose answer was lost is sent
    again with the same key, by which the region knows it.
    """

    def __init__(self, settings: Settings, store: Store, send: Send, now: Callable[[], float]) -> None:
        self._settings, self._store, self._send, self._now = settings, store, send, now
        self._sending = threading.Lock()
        self._ask_again_at = 0.0
        self._wait_seconds = 1.0

    @property
    def is_cut_off(self) -> bool:
        """Whether the region was out of reach when it was asked last."""
        return self._ask_again_at > 0

    def read(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer a request that changes nothing; what is a person's own is never kept."""
        if any(name.lower() in PERSONAL for name in headers):
            try:
                return self._asked("GET", path, None, headers).told(**{ORIGIN: "region"})
            except OutOfReachError:
                return self._unavailable()
        kept = self._store.cached(path, self._now())
        age = self._now() - kept.read_at if kept else 0.0
        # A clock that was set back says nothing of an answer's age, so that the region is asked.
        if kept and 0 <= age <= self._settings.fresh_seconds:
            return kept.answer.told(**{ORIGIN: "cache"}, Age=str(int(age)))
        try:
            return self._read_anew(path, headers)
        except OutOfReachError:
            if kept and age <= self._settings.stale_seconds:
                return kept.answer.told(**{ORIGIN: "stale"}, Age=str(int(age)))
            return self._unavailable()

    def write(self, write: Write) -> Answer:
        """Take a write; answer what the region says when it can be asked at once, else that it is kept."""
        if not self._store.take(write, self._now(), self._settings.most_queued):
            return self._unavailable()
        if not self._resting():
            self.drain()
        return self.told(write.key)

    def told(self, key: str) -> Answer:
        """Return what has become of a write; raises ``KeyError`` for one that was never taken."""
        answer = self._store.answer(key)
        if answer is None:
            return Answer(202, b"", {KEY: key, "Location": f"/edge/writes/{key}", ORIGIN: "queue"})
        return answer.told(**{KEY: key, ORIGIN: "region"})

    def drain(self) -> bool:
        """Send what waits, in its order; return whether nothing waits any more."""
        with self._sending:
            while write := self._store.first():
                headers = {KEY: write.key, "Content-Type": write.content_type}
                try:
                    answer = self._asked(write.method, write.path, write.body, headers)
                except OutOfReachError:
                    return False
                self._store.done(write.key, answer, self._now())
        self._store.forget(self._now() - self._settings.stale_seconds)
        return True

    def rest_seconds(self) -> float:
        """Return how long to wait before the region is asked again; never longer because a clock was set back."""
        return min(max(0.0, self._ask_again_at - self._now()), float(self._settings.retry_seconds))

    def status(self) -> dict[str, object]:
        """Return what people want to know of a node."""
        waiting, since = self._store.waiting()
        return {
            "city": self._settings.city,
            "cut_off": self.is_cut_off,
            "waiting": waiting,
            "waiting_seconds": 0 if since is None else int(self._now() - since),
            "refused": self._store.refused(),
        }

    def _read_anew(self, path: str, headers: Mapping[str, str]) -> Answer:
        if self._resting():
            raise OutOfReachError
        answer = self._asked("GET", path, None, headers)
        control = next((value for name, value in answer.headers.items() if name.lower() == "cache-control"), "")
        if answer.status == 200 and not {"no-store", "private"} & set(control.replace(" ", "").lower().split(",")):
            self._store.cache(path, answer, self._now(), self._settings.most_cached_bytes)
        return answer.told(**{ORIGIN: "region"})

    def _asked(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Ask the region; a region that does not serve for now is out of reach as one that does not answer is."""
        try:
            answer = self._send(method, path, body, headers)
            if answer.status >= 500 or answer.status in LATER:
                raise OutOfReachError(f"it answers {answer.status}")
        except OutOfReachError:
            self._ask_again_at = self._now() + self._wait_seconds
            self._wait_seconds = min(2 * self._wait_seconds, float(self._settings.retry_seconds))
            raise
        self._ask_again_at, self._wait_seconds = 0.0, 1.0
        return answer

    def _resting(self) -> bool:
        return 0 < self._ask_again_at - self._now() <= self._settings.retry_seconds

    def _unavailable(self) -> Answer:
        return Answer(503, b"", {"Retry-After": str(self._settings.retry_seconds)})
