"""Every page that SNS took: there is nobody here who could be woken by one."""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from ministack.core.responses import get_region
from ministack.services import sns

from twin.aws.patches import Patches


@dataclass(frozen=True, slots=True)
class Sent:
    """A page: when (Unix seconds), from which region's topic, and its subject."""

    at: float
    region: str
    subject: str


@dataclass(slots=True)
class Pages:
    """Listens at SNS while it is entered."""

    topic: str
    sent: list[Sent] = field(default_factory=list)
    _patches: Patches = field(default_factory=Patches)

    def __enter__(self) -> Self:
        publish = sns._publish

        def heard(params: dict[str, Any]) -> Any:
            answer = publish(params)
            if str(sns._p(params, "TopicArn")).endswith(f":{self.topic}"):
                self.sent.append(Sent(time.time(), get_region(), str(sns._p(params, "Subject"))))
            return answer

        self._patches.replace(sns, "_publish", heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patches.undo()
