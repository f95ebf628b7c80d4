"""docs/topology.md has each key of the model once, with its default; the checked-in schema is the model's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from topology_document.document import TopologyDocument
from topology_document.regions import AWS_REGIONS
from topology_document.schema import schema, schema_text
from topology_document.spots import example_of, spot_at

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "topology.md"
NAMED_BY = {
    "regions": "<region>",
    "databases": "<name>",
    "caches": "<name>",
    "workers": "<name>",
    "routes": "<name>",
    "maintenance": "<window>",
    "datasets": "<name>",
    "zones": "<zone>",
    "practice": "<practice>",
    "rehearsals": "<rehearsal>",
    "environments": "<environment>",
    "tables": "<name>",
    "notices": "<name>",
    "hosts": "<name>",
    "publications": "<name>",
    "metrics": "<metric>",
    "services": "<name>",
    "buckets": "<name>",
    "models": "<name>",
    "upkeep": "<name>",
    "cache_upkeep": "<name>",
    "cities": "<city>",
    "steering": "<route>",
    "recovery": "<route>",
    "behaviors": "<name>",
}


def fields(section: type[BaseModel] = TopologyDocument, around: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for key, field in section.model_fields.items():
        path = f"{around}{key}"
        yield path, field
        kind: Any = field.annotation
        if isinstance(kind, UnionType):
            kind = get_args(kind)[0]
        around_each = f"{path}.{NAMED_BY[key]}." if key in NAMED_BY else f"{path}."
        if key in NAMED_BY:
            kind = get_args(kind)[-1]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, around_each)


FIELDS = dict(fields())


def rows() -> list[list[str]]:
    text = REFERENCE.read_text().split("## Mistakes")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_reference_has_every_key_once() -> None:
    keys = [row[0].strip("`") for row in rows()]
    assert sorted(keys) == sorted(FIELDS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_reference_gives_type_default_and_what_is_allowed(row: list[str]) -> None:
    key, kind, default, allowed = row
    field = FIELDS[key.strip("`")]
    assert kind
    assert allowed or kind == "mapping"
    if field.is_required():
        assert default == "required"
        return
    value = field.get_default(call_default_factory=True)  # type: ignore[call-arg, unused-ignore]
    if isinstance(value, BaseModel):
        assert default == "its defaults"
    elif value is None or value in ([], {}):
        assert default
        assert default != "required"
    else:
        assert default == f"`{_as_written(value)}`"


def _as_written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("key", FIELDS, ids=str)
def test_every_choice_is_in_the_reference(key: str) -> None:
    choices = spot_at(tuple(key.split("."))).choices
    (allowed,) = [row[3] for row in rows() if row[0] == f"`{key}`"]
    assert all(f"`{choice}`" in allowed for choice in choices)


@pytest.mark.parametrize("key", FIELDS, ids=str)
def test_every_key_has_a_description_and_a_value_to_begin_with(key: str) -> None:
    field = FIELDS[key]
    assert field.description
    assert example_of(field) is not None


def test_the_checked_in_schema_is_the_models() -> None:
    checked_in = (ROOT / "topologies" / "schema.json").read_text()
    assert checked_in == schema_text(), "run: python -m topology_document.schema > topologies/schema.json"


def test_editors_are_offered_descriptions_examples_and_regions() -> None:
    document = schema()
    sections = [document, *document["$defs"].values()]
    described = [each for section in sections for each in section.get("properties", {}).values()]
    assert len(described) == len({(id(field)) for field in FIELDS.values()})
    for each in described:
        assert each["description"]
        assert "examples" in each or "default" in each or "$ref" in each
    offered, sites = document["properties"]["regions"]["propertyNames"]["anyOf"]
    assert offered["enum"] == list(AWS_REGIONS)
    assert re.search(sites["pattern"], "frankfurt-hetzner")
    assert not re.search(sites["pattern"], "eu-wset-1")
    assert all(section["additionalProperties"] is False for section in sections if "properties" in section)


def test_the_patterns_of_the_schema_say_what_the_model_says() -> None:
    properties = schema()["properties"]
    for key, right, wrong in (
        ("name", "web-shop", "web--shop"),
        ("account", "012345670123", "12345670123"),
        ("domain", "shop.example.com", "shop.example.com."),
    ):
        assert re.search(properties[key]["pattern"], right)
        assert not re.search(properties[key]["pattern"], wrong)


@pytest.mark.parametrize("key", [key for key in FIELDS if key.endswith(("_seconds", "_gib", "misses", "observers"))])
def test_the_schema_bounds_a_number_as_the_model_does(key: str) -> None:
    *around, name = key.split(".")
    section = spot_at(tuple(around)).section
    assert section
    drawn = section.model_json_schema()["properties"][name]
    drawn = next((each for each in drawn.get("anyOf", []) if each["type"] != "null"), drawn)
    values = {field: example_of(spec) for field, spec in section.model_fields.items()}
    section.model_validate({**values, name: drawn["maximum"]}, strict=False)
    with pytest.raises(ValidationError):
        section.model_validate({**values, name: drawn["maximum"] + 1}, strict=False)


def test_the_schema_names_its_dialect_and_needs_no_network() -> None:
    text = json.dumps(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(reference.startswith("#/$defs/") for reference in re.findall(r'"\$ref": "([^"]*)"', text))
    first_line = (ROOT / "topologies" / "quickstart.yaml").read_text().splitlines()[0]
    assert first_line == "# yaml-language-server: $schema=./schema.json"
