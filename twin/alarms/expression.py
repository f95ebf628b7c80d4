"""The grammar of metric math: text to a tree."""

import re
from dataclasses import dataclass
from typing import Final

from twin.alarms.errors import AlarmRefusedError

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<sign><=|>=|==|!=|&&|\|\||[-+*/^<>(),\[\]]))"
)
_LEVELS: Final = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"), ("^",))
_WORDS: Final = {"AND": "&&", "OR": "||"}
_MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, as in ``METRICS("errors")``."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a metric or of another expression, or a keyword such as ``REPEAT``."""

    value: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and a sign: ``+ - * / ^ < > <= >= == != && ||``."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Array:
    """``[m1, m2]``."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, its name in capitals, and its arguments."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Text | Name | Negation | Operation | Array | Call


def parse_expression(text: str) -> Node:
    """Return the tree of a metric-math expression.

    Raises:
        AlarmRefusedError: it is not one.
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._level(0)
        if self._at < len(self._tokens):
            raise self._refusal(f"did not expect {self._tokens[self._at][1]!r}")
        return node

    def _split(self) -> list[tuple[str, str]]:
        tokens, position, text = [], 0, self._text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._refusal(f"cannot read {text[position:].strip()[:20]!r}")
            kind = match.lastgroup or ""
            word = match[kind]
            if kind == "name" and word.upper() in _WORDS:
                kind, word = "sign", _WORDS[word.upper()]
            tokens.append((kind, word))
            position = match.end()
        return tokens

    def _refusal(self, why: str) -> AlarmRefusedError:
        return AlarmRefusedError(f"expression {self._text!r} is not understood: {why}")

    def _takes(self, *signs: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in [("sign", sign) for sign in signs]:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _must_take(self, sign: str) -> None:
        if self._takes(sign) is None:
            found = repr(self._tokens[self._at][1]) if self._at < len(self._tokens) else "its end"
            raise self._refusal(f"expected {sign!r} instead of {found}")

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._operand()
        node = self._level(level + 1)
        while sign := self._takes(*_LEVELS[level]):
            node = Operation(sign, node, self._level(level + 1))
        return node

    def _operand(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._refusal(f"nested more than {_MAX_DEPTH} deep")
        try:
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Node:
        if self._takes("-"):
            return Negation(self._operand())
        if self._takes("("):
            node = self._level(0)
            self._must_take(")")
            return node
        if self._takes("["):
            return Array(self._list("]"))
        if self._at == len(self._tokens):
            raise self._refusal("it ends too early")
        kind, word = self._tokens[self._at]
        self._at += 1
        match kind:
            case "number":
                return Number(float(word))
            case "double" | "single":
                return Text(word)
            case "name":
                return Call(word.upper(), self._list(")")) if self._takes("(") else Name(word)
            case _:
                raise self._refusal(f"did not expect {word!r}")

    def _list(self, closing: str) -> tuple[Node, ...]:
        if self._takes(closing):
            return ()
        items = [self._level(0)]
        while self._takes(","):
            items.append(self._level(0))
        self._must_take(closing)
        return tuple(items)
