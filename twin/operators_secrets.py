"""Secrets that people write before a deployment reads them, such as PagerDuty's key: on the twin they say nothing."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

REFERENCE: Final = re.compile(r"{{resolve:secretsmanager:([A-Za-z0-9/_+=.@-]+):SecretString:([A-Za-z0-9_]+)")
NOTHING: Final = "of-the-twin"

Secrets = Mapping[str, Mapping[str, str]]


def wanted(template: Mapping[str, Any]) -> Secrets:
    """Return the secrets that a template reads by their names and does not make, each with its keys."""
    made = {
        each.get("Properties", {}).get("Name")
        for each in template["Resources"].values()
        if each["Type"] == "AWS::SecretsManager::Secret"
    }
    found: dict[str, dict[str, str]] = {}
    for name, key in REFERENCE.findall(json.dumps(template)):
        if name not in made:
            found.setdefault(name, {})[key] = NOTHING
    return found


def write_secrets(assembly: Path, client: Callable[[str], Any]) -> None:
    """Write those of every region of a cloud assembly; ``client`` gives a region's Secrets Manager."""
    for region, template in _templates(assembly):
        for name, document in wanted(template).items():
            secrets = client(region)
            try:
                secrets.create_secret(Name=name, SecretString=json.dumps(document))
            except secrets.exceptions.ResourceExistsException:
                continue


def _templates(assembly: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    artifacts = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"]
    for each in artifacts.values():
        if each["type"] == "aws:cloudformation:stack":
            file = assembly / each["properties"]["templateFile"]
            yield each["environment"].rpartition("/")[2], json.loads(file.read_text("utf-8"))
