"""The JSON Schema of the form, for editors: ``python -m rehearsal.schema`` writes it to drills/schema.json."""

import json
import sys
from pathlib import Path
from typing import Any

from rehearsal.form import Scenario

PLACE = Path(__file__).parent.parent / "drills" / "schema.json"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario."""
    document = Scenario.model_json_schema(by_alias=True)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "A scenario: something breaks, and what must and must not follow"
    document["properties"].pop("name")
    return document


def written() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{PLACE}\n")
