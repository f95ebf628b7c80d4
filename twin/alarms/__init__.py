"""CloudWatch's alarms as rules over samples and moments; knows no emulator, no clock and no thread."""

from twin.alarms.errors import AlarmRefusedError
from twin.alarms.evaluation import Evaluation, evaluate
from twin.alarms.events import ToldState, function_payload, state_change
from twin.alarms.metric_alarm import MetricAlarm
from twin.alarms.reading import read_metric_alarm
from twin.alarms.samples import Metric, Sample, Samples
from twin.alarms.states import State, Treatment
from twin.alarms.suppression import SuppressedBy, Suppression
from twin.alarms.windows import next_evaluation, range_end

__all__ = [
    "AlarmRefusedError",
    "Evaluation",
    "Metric",
    "MetricAlarm",
    "Sample",
    "Samples",
    "State",
    "SuppressedBy",
    "Suppression",
    "ToldState",
    "Treatment",
    "evaluate",
    "function_payload",
    "next_evaluation",
    "range_end",
    "read_metric_alarm",
    "state_change",
]
