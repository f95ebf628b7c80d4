"""Computing expressions over the series of their metrics."""

import operator
from collections.abc import Mapping

from twin.alarms import functions
from twin.alarms.errors import AlarmRefusedError
from twin.alarms.expression import Array, Call, Name, Negation, Node, Number, Operation, Text
from twin.alarms.series import SIGNS, Series, SeveralSeries, Value, combined


class Calculation:
    """One evaluation: expressions by id over series by id, all on the same periods."""

    def __init__(self, series: Mapping[str, Series], expressions: Mapping[str, Node], period: int) -> None:
        self._series = series
        self._expressions = expressions
        self._period = period
        self._under_way: list[str] = []

    def series(self, name: str) -> Series:
        """Return the series of an id, as an alarm needs one.

        Raises:
            AlarmRefusedError: an unknown id, function or kind of argument, a circle, or no single series.
        """
        value = self._named(name)
        if not isinstance(value, tuple):
            kind = "several series" if isinstance(value, SeveralSeries) else "a single number"
            raise AlarmRefusedError(f"{name} gives {kind}, but an alarm judges one time series")
        return value

    def _named(self, name: str) -> Value:
        if name in self._series:
            return self._series[name]
        if name not in self._expressions:
            known = ", ".join([*self._series, *self._expressions])
            raise AlarmRefusedError(f"{name!r} names no metric or expression of the alarm; it has {known}")
        if name in self._under_way:
            raise AlarmRefusedError(f"expressions go in a circle: {' → '.join([*self._under_way, name])}")
        self._under_way.append(name)
        try:
            return self._value(self._expressions[name])
        finally:
            self._under_way.pop()

    def _value(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Name(name):
                return self._named(name)
            case Negation(operand):
                return combined(operator.neg, self._value(operand))
            case Operation(sign, left, right):
                return combined(SIGNS[sign], self._value(left), self._value(right))
            case Array(items):
                return self._several(items)
            case Call(function, arguments):
                return self._called(function, arguments)
            case Text(text):
                raise AlarmRefusedError(f"did not expect the string {text!r}")

    def _several(self, items: tuple[Node, ...]) -> SeveralSeries:
        flat: list[float | Series | None] = []
        for item in items:
            value = self._value(item)
            flat.extend(value.items if isinstance(value, SeveralSeries) else [value])
        return SeveralSeries(tuple(flat))

    def _called(self, function: str, arguments: tuple[Node, ...]) -> Value:
        match function, arguments:
            case "METRICS", ():
                return SeveralSeries(tuple(self._series.values()))
            case "METRICS", (Text(part),):
                return SeveralSeries(tuple(series for name, series in self._series.items() if part in name))
            case "FILL", (series, (Name("REPEAT" | "LINEAR") as how)):
                return functions.filled(self._value(series), how.value)
            case "FILL", (series, filling):
                number = self._value(filling)
                if isinstance(number, float):
                    return functions.filled(self._value(series), number)
            case "IF", (condition, then):
                return self._choice(condition, then, None)
            case "IF", (condition, then, otherwise):
                return self._choice(condition, then, otherwise)
            case "PERIOD", (Name(name),):
                self._named(name)
                return float(self._period)
            case _, (argument,) if function in functions.REDUCTIONS:
                return functions.reduction(function, self._value(argument))
            case _, (_, _, *_) if function in functions.REDUCTIONS:
                return functions.reduction(function, self._several(arguments))
            case _, (argument,) if function in functions.ROUNDINGS:
                return functions.rounding(function, self._value(argument))
        if function in functions.KNOWN:
            raise AlarmRefusedError(f"{function} was given arguments that are not understood")
        raise AlarmRefusedError(
            f"function {function} is not understood; use one of {', '.join(sorted(functions.KNOWN))}"
        )

    def _choice(self, condition: Node, then: Node, otherwise: Node | None) -> Value:
        try:
            return functions.choice(
                self._value(condition), self._value(then), self._value(otherwise) if otherwise else None
            )
        except TypeError as exc:
            raise AlarmRefusedError(str(exc)) from exc
