"""The loop that evaluates every alarm of every region that is up, when its time has come."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from twin.alarms import Evaluation, State, evaluate, next_evaluation, range_end, read_metric_alarm
from twin.alarms.windows import HIGH_RESOLUTION_STEP
from twin.aws.alarms.outbox import IsDown, Outbox
from twin.aws.alarms.requests import Requests
from twin.aws.alarms.tables import Record, Scope, StoredSamples, alarm_of, is_current, metric_alarms
from twin.aws.alarms.transitions import PutAwsEvent, Transitions
from twin.aws.patches import Patches

INGESTION_SECONDS: Final = 2.0
"""How long after the end of a period its data are taken to be complete."""
STOP_SECONDS: Final = 5.0
_SHORTEST_PAUSE_SECONDS: Final = 0.05

logger = logging.getLogger(__name__)


class AlarmEvaluator:
    """Evaluates MiniStack's alarms as CloudWatch would, in place of MiniStack's own evaluation.

    Either ``start`` and ``stop`` it, and it runs in a thread of its own; or ``attach`` it, call ``step``
    whenever the clock has moved, and ``detach`` it.

    Args:
        is_down: whether a region is down: then nothing of it is evaluated or told until it is back.
        put_aws_event: takes a region and an event in EventBridge's shape; called in this class's thread only.
        clock: Unix seconds.
        ingestion_seconds: the age that a period's data must have before they are evaluated.
    """

    def __init__(
        self,
        *,
        is_down: IsDown,
        put_aws_event: PutAwsEvent,
        clock: Callable[[], float] = time.time,
        ingestion_seconds: float = INGESTION_SECONDS,
    ) -> None:
        self._is_down = is_down
        self._put_aws_event = put_aws_event
        self._clock = clock
        self._ingestion_seconds = ingestion_seconds
        self._lock = threading.RLock()
        self._outbox = Outbox(is_down)
        self._patches = Patches()
        self._transitions: Transitions | None = None
        self._evaluated: dict[tuple[Scope, str], int] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Attach, and evaluate in a thread until ``stop``."""
        self.attach()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="twin-alarms", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and detach; safe to repeat."""
        self._stopping.set()
        self._outbox.wake()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            self._thread = None
        self.detach()

    @staticmethod
    def state(account: str) -> Callable[[str, str], str]:
        """Return what tells an alarm's state by its name and region, for Route 53's checks of alarms."""

        def told(name: str, region: str) -> str:
            record = alarm_of((account, region), name)
            return str(record["StateValue"]) if record is not None else State.INSUFFICIENT_DATA.value

        return told

    def attach(self) -> None:
        """Switch MiniStack's evaluation off and take its place."""
        notify = cloudwatch._dispatch_alarm_actions
        self._transitions = Transitions(
            outbox=self._outbox,
            put_aws_event=self._put_aws_event,
            notify=notify,
            clock=self._clock,
            lock=self._lock,
        )
        self._patches.replace(cloudwatch, "_evaluate_alarm", lambda _alarm: None)
        self._patches.replace(cloudwatch, "_evaluate_all_alarms", lambda: None)
        self._patches.replace(cloudwatch, "_dispatch_alarm_actions", self._transitions.changed)
        Requests(self._patches, self._transitions, self._lock)

    def detach(self) -> None:
        """Put MiniStack's own functions back; safe to repeat."""
        self._patches.undo()

    def step(self) -> float:
        """Evaluate every alarm whose window has moved on, tell what there is to tell.

        Returns:
            The seconds until there is something to do again.
        """
        now = self._clock()
        for scope, name, record in metric_alarms():
            if not self._is_down(scope[1]):
                self._evaluate(scope, name, record, now)
        due = next_evaluation(now, HIGH_RESOLUTION_STEP, self._ingestion_seconds)
        if self._transitions is not None:
            due = min(due, self._transitions.look_at_suppressions() or due)
        self._outbox.deliver()
        return max(due - self._clock(), _SHORTEST_PAUSE_SECONDS)

    # --- inside -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._outbox.wait(self.step())

    def _evaluate(self, scope: Scope, name: str, record: Record, now: float) -> None:
        try:
            alarm = read_metric_alarm(record)
            end = range_end(now, alarm.step, self._ingestion_seconds)
            if self._evaluated.get((scope, name), 0) >= end:
                return
            self._evaluated[scope, name] = end
            state = State(record["StateValue"])
            evaluation = evaluate(alarm, StoredSamples(scope), end=end, now=now, state=state)
        except Exception:
            logger.exception("alarm %s of %s cannot be evaluated", name, scope[1])
            record["EvaluationState"] = "EVALUATION_FAILURE"
            return
        record.pop("EvaluationState", None)
        if evaluation is not None:
            with self._lock, request_scope(*scope):
                # Not if a request replaced the alarm, or set its state, while this was looking at it.
                if is_current(scope, name, record) and record["StateValue"] == state != evaluation.state:
                    _transition(record, evaluation)


def _transition(record: Record, evaluation: Evaluation) -> None:
    old = record["StateValue"]
    record["StateValue"] = evaluation.state.value
    record["StateReason"] = evaluation.reason
    record["StateReasonData"] = evaluation.reason_data
    reason_data = json.loads(evaluation.reason_data)
    cloudwatch._record_history(
        record["AlarmName"], old, evaluation.state.value, evaluation.reason, reason_data=reason_data
    )
    cloudwatch._dispatch_alarm_actions(record, old, evaluation.state.value, evaluation.reason)
    cloudwatch._evaluate_parent_alarms(record)
