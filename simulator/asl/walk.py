"""One execution on its way: states in order, tries and catches, branches beside each other."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from simulator.asl.documents import PathLeadsNowhereError, fill, place, reach, seconds
from simulator.asl.failures import RUNTIME, MachineFailed, MachineTimedOut, Retries, rule_for
from simulator.asl.history import Event, Kind
from simulator.asl.progress import Progress

if TYPE_CHECKING:
    from simulator.asl.interpreter import Interpreter

State = Mapping[str, Any]
Context = Mapping[str, Any]
Next = tuple[Any, str | None]
"""A state's output, and the state that follows."""

MOST_RECORDED: Final = 25_000
"""Events that the history of one execution can hold ("Service quotas", Step Functions developer guide)."""


class Walk:
    """From where the progress stands to the end."""

    __slots__ = ("_deadline", "_execution", "_kinds", "_ports", "_root")

    def __init__(self, ports: "Interpreter", root: Progress, execution: str) -> None:
        self._ports, self._root, self._execution = ports, root, execution
        limit = ports.machine.get("TimeoutSeconds")
        self._deadline = float("inf") if limit is None else ports.now() + limit
        self._kinds: dict[str, Callable[[State, Progress, Context, str], Next]] = {
            "Choice": self._choice,
            "Fail": self._fail,
            "Pass": self._pass,
            "Succeed": self._succeed,
            "Wait": self._wait,
        }

    def run(self) -> Any:
        """Go to the machine's end and return its output; raises ``MachineFailed``."""
        self._record(2)
        return self._through(self._ports.machine, self._root, {"Execution": {"Id": self._execution}}, "")

    def _through(self, machine: Mapping[str, Any], progress: Progress, context: Context, where: str) -> Any:
        """Walk through one machine, or through one branch."""
        states = machine["States"]
        while not progress.succeeded:
            name = progress.state
            state = states[name]
            visit = self._enter(name, progress, where)
            try:
                self._record(2)  # entered, and left
                self._look_at_the_clock()
                work = self._kinds.get(state["Type"])
                try:
                    output, following = (
                        self._attempted(state, progress, context, where, visit)
                        if work is None
                        else work(state, progress, context, where)
                    )
                except PathLeadsNowhereError as exc:
                    raise MachineFailed(RUNTIME, str(exc)) from exc
            except MachineFailed as failure:
                self._tell(Kind.FAILED, name, visit, where, failure.told())
                raise
            self._tell(Kind.LEFT, name, visit, where, output)
            progress.go_on(following, output)
        return progress.document

    # What a state does.

    def _choice(self, state: State, progress: Progress, context: Context, _where: str) -> Next:
        for choice in state["Choices"]:
            value = reach(choice["Variable"], progress.document, context)
            wanted = choice["StringEquals"] if "StringEquals" in choice else choice["BooleanEquals"]
            if type(value) is type(wanted) and value == wanted:
                return progress.document, choice["Next"]
        return progress.document, state["Default"]

    def _fail(self, state: State, progress: Progress, context: Context, _where: str) -> Next:
        told = []
        for field in ("Error", "Cause"):
            path = state.get(f"{field}Path")
            said = state.get(field, "") if path is None else reach(path, progress.document, context)
            if not isinstance(said, str):
                raise PathLeadsNowhereError(f"{field}Path {path} reaches {said!r}, not a string")
            told.append(said)
        raise MachineFailed(told[0], told[1])

    def _pass(self, state: State, progress: Progress, context: Context, _where: str) -> Next:
        document = progress.document
        made = fill(state["Parameters"], document, context) if "Parameters" in state else document
        return place(state.get("ResultPath", "$"), document, state.get("Result", made)), state.get("Next")

    def _succeed(self, _state: State, progress: Progress, _context: Context, _where: str) -> Next:
        return progress.document, None

    def _wait(self, state: State, progress: Progress, context: Context, _where: str) -> Next:
        self._sleep(seconds(state, "Seconds", 0, progress.document, context))
        return progress.document, state.get("Next")

    def _attempted(self, state: State, progress: Progress, context: Context, where: str, visit: int) -> Next:
        """Work on a Task, a Map or a Parallel, with its Retry and its Catch."""
        work = {"Map": self._map, "Parallel": self._parallel, "Task": self._task}[state["Type"]]
        retries = Retries(state.get("Retry", ()), self._ports.chance)
        while True:
            try:
                return work(state, progress, context, f"{where}/{progress.state}" if where else progress.state)
            except MachineFailed as failure:
                self._look_at_the_clock()
                pause = retries.pause(failure.error)
                catchers = state.get("Catch", ())
                caught = rule_for(catchers, failure.error) if pause is None else None
                if pause is None and caught is None:
                    raise
                self._tell(Kind.TRIED, progress.state, visit, where, failure.told())
                # A state that is tried again begins with all of its branches; only a redrive keeps some.
                progress.branches = None
                if caught is not None:
                    catcher = catchers[caught]
                    told = place(catcher.get("ResultPath", "$"), progress.document, failure.told())
                    return told, catcher["Next"]
                self._sleep(pause or 0.0)

    def _task(self, state: State, progress: Progress, context: Context, _where: str) -> Next:
        document = progress.document
        asked = fill(state["Parameters"], document, context)
        limit = seconds(state, "TimeoutSeconds", 1, document, context)
        function = self._ports.substitutions[asked["FunctionName"].removeprefix("${").removesuffix("}")]
        self._record(3)  # scheduled, started, and how it ended
        try:
            left = self._deadline - self._ports.now()
            answer = {
                "StatusCode": 200,
                "Payload": self._ports.invoke(function, asked["Payload"], min(float(limit), left)),
            }
        except MachineFailed:
            raise
        except Exception as exc:
            raise MachineFailed(type(exc).__name__, str(exc)) from exc
        return self._result(state, document, answer, context)

    def _map(self, state: State, progress: Progress, context: Context, where: str) -> Next:
        document, processor = progress.document, state["ItemProcessor"]
        items = reach(state["ItemsPath"], document, context)
        if not isinstance(items, list):
            raise PathLeadsNowhereError(f"ItemsPath {state['ItemsPath']} reaches {items!r}, not an array")
        contexts = [{**context, "Map": {"Item": {"Index": index, "Value": each}}} for index, each in enumerate(items)]
        if progress.branches is None:
            selector = state.get("ItemSelector")
            progress.branches = [
                Progress.at_start(processor, item if selector is None else fill(selector, document, inner))
                for item, inner in zip(items, contexts, strict=True)
            ]
        walks = [
            self._branch(processor, branch, inner, f"{where}[{index}]")
            for index, (branch, inner) in enumerate(zip(progress.branches, contexts, strict=True))
        ]
        return self._result(
            state, document, self._together(progress, walks, state.get("MaxConcurrency", 0), where), context
        )

    def _parallel(self, state: State, progress: Progress, context: Context, where: str) -> Next:
        document, machines = progress.document, state["Branches"]
        if progress.branches is None:
            given = fill(state["Parameters"], document, context) if "Parameters" in state else document
            progress.branches = [Progress.at_start(machine, given) for machine in machines]
        walks = [
            self._branch(machine, branch, context, f"{where}[{index}]")
            for index, (machine, branch) in enumerate(zip(machines, progress.branches, strict=True))
        ]
        return self._result(state, document, self._together(progress, walks, 0, where), context)

    def _branch(
        self, machine: Mapping[str, Any], progress: Progress, context: Context, where: str
    ) -> Callable[[], Any]:
        return lambda: self._through(machine, progress, context, where)

    def _together(self, progress: Progress, walks: list[Callable[[], Any]], at_once: int, where: str) -> list[Any]:
        """Walk the branches to their ends, so many at once (0: all), and return their outputs."""
        branches = progress.branches or []
        self._record(2 + 2 * len(branches))
        waiting = iter(walks)  # one that is done returns at once

        def work() -> None:
            for walk in waiting:
                walk()

        self._ports.together([work] * min(at_once or len(walks), len(walks)), where)
        return [branch.document for branch in branches]

    def _result(self, state: State, document: Any, answer: Any, context: Context) -> Next:
        if "ResultSelector" in state:
            answer = fill(state["ResultSelector"], answer, context)
        placed = place(state.get("ResultPath", "$"), document, answer)
        return reach(state.get("OutputPath", "$"), placed, context), state.get("Next")

    # Time and history.

    def _sleep(self, pause: float) -> None:
        self._ports.sleep(min(float(pause), self._deadline - self._ports.now()))
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self._ports.now() >= self._deadline:
            limit = self._ports.machine["TimeoutSeconds"]
            raise MachineTimedOut("States.Timeout", f"the execution ran longer than its {limit} seconds")

    def _enter(self, name: str, progress: Progress, where: str) -> int:
        self._root.visits += 1
        visit = self._root.visits
        if self._ports.entered is not None:
            self._ports.entered(name)
        self._tell(Kind.ENTERED, name, visit, where, progress.document)
        return visit

    def _tell(self, kind: Kind, state: str, visit: int, where: str, document: Any) -> None:
        if self._ports.observe is not None:
            self._ports.observe(Event(kind, self._ports.now(), self._execution, where, state, visit, document))

    def _record(self, events: int) -> None:
        """Count events as Step Functions writes them down: an execution whose history is full fails."""
        self._root.recorded += events
        if self._root.recorded > MOST_RECORDED:
            text = f"the execution reached the maximum number of history events ({MOST_RECORDED})"
            raise MachineFailed(RUNTIME, text)
