"""The form of a document: keys, types and bounds. What pydantic refuses is said in the reader's words."""

import re
from typing import Any, Final

from annotated_types import Ge, Gt, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, nearest, shown
from topology_document.source import Source
from topology_document.spots import Spot, example_of, sections_with, spot_at

_UNITS: Final = {"_seconds": "seconds", "_gib": "GiB"}
_UNIT_SECONDS: Final = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
_NUMBER_ERRORS: Final = {
    "float_type",
    "int_type",
    "int_from_float",
    "finite_number",
    "greater_than",
    "greater_than_equal",
    "less_than_equal",
}


def shape_of(source: Source) -> tuple[TopologyDocument | None, list[Finding], list[Path]]:
    """Return the document, or None with its mistakes and the paths whose values cannot be relied on."""
    try:
        return TopologyDocument.model_validate(source.values), [], []
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
    findings = [_finding(error, source) for error in errors]
    return None, findings, [path for error in errors for path in _unreliable(error)]


def _finding(error: ErrorDetails, source: Source) -> Finding:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    path = tuple(str(step) for step in loc if not isinstance(step, int))
    spot = spot_at(loc)
    if error["type"] == "extra_forbidden":
        allowed, fix = _unknown_key(path, spot_at(loc[:-1]))
    else:
        allowed, fix = _said(error, path, spot, source.plain.get(tuple(map(str, loc))))
    return Finding(path, _got(error, source.plain.get(tuple(map(str, loc)))), allowed, fix)


def _got(error: ErrorDetails, plain: str | None) -> str:
    value = error["input"]
    if error["type"] == "missing":
        return "nothing"
    if error["type"] == "extra_forbidden":
        return f"the unknown key {shown(error['loc'][-1])}"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if plain and not isinstance(value, str):
        return plain
    return "an empty mapping" if value == {} else shown(value)


def _said(error: ErrorDetails, path: Path, spot: Spot, plain: str | None) -> tuple[str, str]:
    """Return what is allowed and the fix."""
    kind, key = error["type"], path[-1] if path else ""
    if kind == "not_allowed":
        return error["ctx"]["allowed"], error["ctx"]["fix"]
    if kind == "missing":
        return f"required: {_description(spot.field)}", f"add {_example(path, spot)}"
    if kind == "enum":
        fix = did_you_mean(str(error["input"]), spot.choices, f"write {_example(path, spot)}")
        return f"one of {listed(spot.choices)}", fix
    if kind in _NUMBER_ERRORS:
        return _number(key, spot.field), _number_fix(path, spot, error["input"])
    if kind == "string_type" and plain and not isinstance(error["input"], str):
        return f"text, and YAML reads this as {_read_as(error['input'])}", f'put it in quotes: {key}: "{plain}"'
    default = "" if spot.field is None or spot.field.is_required() else f", or remove {key} for its default"
    if kind == "too_short":
        return "at least one", f"write {_example(path, spot)} or so{default}"
    return _form(kind, spot), f"write {_example(path, spot)}{default}"


def _unknown_key(path: Path, around: Spot) -> tuple[str, str]:
    known = list(around.section.model_fields) if around.section else []
    elsewhere = sections_with(path[-1])
    moved = f"move it to {listed(elsewhere)}" if elsewhere else None
    return f"the keys here are {listed(known)}", moved or did_you_mean(path[-1], known, "remove it")


def _number(key: str, field: FieldInfo | None) -> str:
    metadata = field.metadata if field else []
    whole = field is not None and field.annotation in (int, int | None)
    unit = next((f" of {word}" for suffix, word in _UNITS.items() if key.endswith(suffix)), "")
    lows = [f" over {each.gt}" for each in metadata if isinstance(each, Gt)]
    lows += [f" from {each.ge}" for each in metadata if isinstance(each, Ge)]
    high = f" up to {shown(_highs(field)[0])}" if field and _highs(field) else ""
    return f"a {'whole ' if whole else ''}number{unit}{''.join(lows)}{high}"


def _number_fix(path: Path, spot: Spot, value: Any) -> str:
    """Return the number that a text such as ``"5s"`` means, where it is a number that is allowed here."""
    written = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", value) if isinstance(value, str) else None
    in_seconds = path[-1].endswith("_seconds")
    if spot.field and written and (not written[2] or (in_seconds and written[2] in _UNIT_SECONDS)):
        meant = float(written[1]) * _UNIT_SECONDS[written[2] or "s"]
        if all(meant <= high for high in _highs(spot.field)):
            return f"write the number alone, without unit or quotes: {path[-1]}: {shown(meant)}"
    return f"write {_example(path, spot)}"


def _highs(field: FieldInfo) -> list[float]:
    return sorted(float(each.le) for each in field.metadata if isinstance(each, Le))  # type: ignore[arg-type]


def _form(kind: str, spot: Spot) -> str:
    forms = {"string_type": "text", "bool_type": "true or false", "list_type": "a list"}
    if kind in forms:
        return forms[kind]
    if spot.section:
        return f"a mapping with the keys {listed(spot.section.model_fields)}"
    return f"a mapping: {_description(spot.field)}"


def _read_as(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the number {shown(value)}" if isinstance(value, int | float) else shown(value)


def _description(field: FieldInfo | None) -> str:
    text = (field.description or "").split(". ")[0].rstrip(".") if field else ""
    return text[:1].lower() + text[1:]


def _example(path: Path, spot: Spot) -> str:
    """Return a line that would be right at the path."""
    if spot.field is None:
        return f"a value for {path[-1]}"
    example = example_of(spot.field)
    if spot.depth < len(path) and isinstance(example, dict):
        example = next(iter(example.values()))
    return f"{path[-1]}: {_flow(example)}"


def _flow(value: Any) -> str:
    """Return YAML's flow style; only text that YAML would read as something else is quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and not value.isdigit():
        return value
    return shown(value)


def _unreliable(error: ErrorDetails) -> list[Path]:
    loc = [step for step in error["loc"] if step != "[key]"]
    in_a_list = next((at for at, step in enumerate(loc) if isinstance(step, int)), len(loc))
    path = tuple(map(str, loc[:in_a_list]))
    if error["type"] != "extra_forbidden" or in_a_list < len(loc):  # what is in a list gives way with its list
        return [path]
    section = spot_at(path[:-1]).section
    meant = nearest(path[-1], section.model_fields) if section else None
    return [path, (*path[:-1], meant)] if meant else [path]
