"""The form of a scenario, as people write it in YAML."""

from rehearsal.form.durations import Duration, spoken
from rehearsal.form.events import Event
from rehearsal.form.expectations import Expectation
from rehearsal.form.faults import FAULTS, Fault, FaultKind
from rehearsal.form.fitting import fitted
from rehearsal.form.load import Load
from rehearsal.form.mistakes import Mistake, ScenarioError
from rehearsal.form.operations import OPERATIONS, Operation, OperationKind
from rehearsal.form.reading import parse_scenario, read_scenario
from rehearsal.form.scenario import Action, Scenario, Step, When
from rehearsal.form.timings import Timings, with_timings
from rehearsal.form.writing import written

__all__ = [
    "FAULTS",
    "OPERATIONS",
    "Action",
    "Duration",
    "Event",
    "Expectation",
    "Fault",
    "FaultKind",
    "Load",
    "Mistake",
    "Operation",
    "OperationKind",
    "Scenario",
    "ScenarioError",
    "Step",
    "Timings",
    "When",
    "fitted",
    "parse_scenario",
    "read_scenario",
    "spoken",
    "with_timings",
    "written",
]
