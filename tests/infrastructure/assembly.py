"""A cloud assembly, made by app.py in a process of its own as the ``cdk`` command makes it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failover.topology import Names

ROOT = Path(__file__).resolve().parents[2]
SYNTHESIS_SECONDS = 60


@dataclass(frozen=True)
class Assembly:
    """A cloud assembly on disk."""

    path: Path
    names: Names

    def template(self, layer: str, region: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.path / f"{self.names.stack(layer, region)}.template.json").read_text())
        return told

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        return {file.name: json.loads(file.read_text()) for file in sorted(self.path.glob("*.template.json"))}


def begin_synthesis(into: Path, **environment: str) -> subprocess.Popen[str]:
    """Start app.py as the ``cdk`` command does; ``environment`` may change what must not matter."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    told = os.environ | {
        "CDK_OUTDIR": str(into),
        "CDK_CONTEXT_JSON": json.dumps(context | {"aws:cdk:enable-path-metadata": True}),
    }
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env=told | environment,
        cwd=into,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end_synthesis(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return its exit code and what it said."""
    try:
        said, _ = process.communicate(timeout=SYNTHESIS_SECONDS)
    finally:
        process.kill()
    return process.returncode, said
