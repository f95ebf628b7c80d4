"""The JSON Schema of topology documents, for editors: ``python -m topology_document.schema``."""

import json
import sys
from typing import Any

from topology_document.document import TopologyDocument


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12), without the titles that only repeat the keys."""
    document = TopologyDocument.model_json_schema()
    named: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_untitled(document)}
    return {**named, "title": "Lifeboat topology"}


def schema_text() -> str:
    """Return the schema as it is checked in."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _untitled(node: Any, *, names: bool = False) -> Any:
    """Drop pydantic's titles; the keys of ``properties`` are names, not keywords, and stay."""
    if isinstance(node, list):
        return [_untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: each if key in ("examples", "default") else _untitled(each, names=key in ("properties", "$defs"))
        for key, each in node.items()
        if names or key != "title"
    }


if __name__ == "__main__":
    sys.stdout.write(schema_text())
