"""Mistakes in a scenario, told so that they can be mended: file, path, value, what is allowed, the fix."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from rehearsal.form.entries import Chosen


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; ``path`` is where it is in the document, as in ``steps[2].expect.writer``."""

    file: str
    path: str
    value: str
    wrong: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.wrong} (got {self.value}); allowed: {self.allowed}; fix: {self.fix}"


class ScenarioError(ValueError):
    """A scenario with mistakes, all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


ALLOWED = {
    "string_type": ("a text", "put it in quotes if it looks like a number"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "float_type": ("a number", "write a number, without a unit"),
    "float_parsing": ("a number", "write a number, without a unit"),
    "int_type": ("a whole number", "write a whole number, without quotes"),
    "int_parsing": ("a whole number", "write a whole number, without quotes"),
    "int_from_float": ("a whole number", "write a whole number"),
    "tuple_type": ("a list", "write [a, b], or one per line with a dash"),
    "dict_type": ("a mapping", "write key: value"),
    "model_type": ("a mapping", "write key: value"),
    "model_attributes_type": ("a mapping", "write key: value"),
    "missing": ("a value", "add it"),
}
BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


def mistakes_of(file: str, model: type[BaseModel], error: ValidationError) -> list[Mistake]:
    """Return what pydantic found, in the words of the form."""
    found = error.errors(include_url=False)
    places = [each["loc"] for each in found]
    return [_mistake(file, model, each) for each in found if not _follows(each, places)]


def near(value: object, known: Iterable[str]) -> str:
    """Return a fix for a name that is none of the known ones."""
    names = sorted(known)
    close = difflib.get_close_matches(str(value), names, n=1)
    return f"did you mean {close[0]!r}?" if close else "use one of those that are allowed"


def _follows(error: ErrorDetails, places: Sequence[tuple[int | str, ...]]) -> bool:
    """Whether a list is only too short because pydantic left out its items with mistakes of their own."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(len(each) > len(loc) and each[: len(loc)] == loc for each in places)


def _mistake(file: str, model: type[BaseModel], error: ErrorDetails) -> Mistake:
    names, owner = _walk(model, error["loc"])
    context: dict[str, Any] = error.get("ctx") or {}
    kind, value, wrong = error["type"], error["input"], error["msg"].removeprefix("Value error, ")
    allowed, fix = ALLOWED.get(kind, (wrong, "see docs/drills.md"))
    wrong = f"not {allowed}" if kind in ALLOWED else wrong
    if "allowed" in context:
        allowed, fix = context["allowed"], context["fix"]
    elif kind == "extra_forbidden":
        keys = _keys(owner) if owner else []
        wrong, value, allowed, fix = "unknown key", error["loc"][-1], ", ".join(keys), near(error["loc"][-1], keys)
    elif kind in ("literal_error", "enum"):
        allowed = context["expected"].replace("'", "").replace(" or ", ", ")
        wrong, fix = "unknown word", near(value, allowed.split(", "))
    elif kind == "missing":
        wrong, value = "missing", "nothing"
    elif kind == "too_short":
        wrong, allowed, fix = "too few", f"at least {context['min_length']}", "add what is missing"
    elif bound := next((name for name in BOUNDS if name in context), None):
        allowed = f"{BOUNDS[bound]} {context[bound]:g}"
        wrong, fix = f"not {allowed}", "choose a number in these bounds"
    return Mistake(file, names or "the document", _short(value), wrong, allowed, fix)


def _walk(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, type[BaseModel] | None]:
    """Follow an error's place through the models, skipping what pydantic adds for unions and validators."""
    path, owner, inside = "", model, model
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        known = {field.alias or name: field for name, field in inside.model_fields.items()}
        if part in known:
            owner, inside = inside, _inner(known[part]) or inside
        elif part == "[key]":
            continue
        else:
            owner = inside
        path += f".{part}" if path else part
    return path, owner


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model inside a field's annotation, if there is one."""
    return _model_in((field.annotation, *field.metadata))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, Chosen):
        return annotation.model
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = annotation if isinstance(annotation, tuple) else get_args(annotation)
    first_chosen = sorted(parts, key=lambda part: not isinstance(part, Chosen))
    return next((model for part in first_chosen if (model := _model_in(part)) is not None), None)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
