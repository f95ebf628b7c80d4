"""checkov: rules about resources of a template.

It asks for an older boto3 than Lifeboat runs on, so it has an environment of its own: ``make checkov``.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from template_checks.assembly import Assembly
from template_checks.finding import Finding

COMMAND: Final = Path(__file__).resolve().parents[1] / ".venv-checkov" / "bin" / "checkov"
SECONDS: Final = 600


class CheckovError(Exception):
    """checkov could not be run, or said what nobody here understands."""


def findings(assembly: Assembly, templates: Mapping[str, Path], work: Path) -> Iterator[Finding]:
    """Yield the failed checks of templates, which are copied into ``work``.

    Raises:
        CheckovError: it is not there, or it broke.
    """
    work.mkdir(parents=True)
    for stack, file in templates.items():
        shutil.copyfile(file, work / f"{stack}.json")
    for failed in _run(work)["results"]["failed_checks"]:
        stack, id = Path(failed["file_path"]).stem, failed["resource"].split(".", 1)[1]
        yield Finding(failed["check_id"], assembly.path_of(stack, id), failed["check_name"])


def _run(folder: Path) -> dict[str, Any]:
    if not COMMAND.exists():
        raise CheckovError(f"{COMMAND} is not there; make it with `make checkov`")
    # Nothing may be asked for over the network: no guidelines, no platform.
    asked = ["--directory", str(folder), "--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]
    alone = {**os.environ, "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [str(COMMAND), *asked, "--skip-download", "--soft-fail"],
        env=alone,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError as exc:
        raise CheckovError(f"exit code {done.returncode}: {(done.stderr or done.stdout)[-500:]}") from exc
    if told.get("summary", {}).get("parsing_errors"):
        raise CheckovError(f"it could not read {told['results'].get('parsing_errors')}")
    return told
