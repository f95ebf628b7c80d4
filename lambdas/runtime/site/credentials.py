"""A guard's credentials: the site's certificate, exchanged at one control region's door after another.

``python -m runtime.site.credentials ROLE SECONDS REGION…`` answers as AWS's tools ask of a ``credential_process``. The
exchange itself is ``aws_signing_helper``'s, which AWS publishes. A door that does not answer costs its time only.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HELPER: Final = "aws_signing_helper"
EACH_SECONDS: Final = 4.0
DOORS: Final = "doors.json"


def credentials(folder: Path, role: str, seconds: str, regions: Sequence[str], helper: str = HELPER) -> str:
    """Return what the first door that answers gives; raises ``OSError`` with every door's reason when none does."""
    doors = json.loads((folder / DOORS).read_text("utf-8"))
    refusals = []
    for region in regions:
        if region not in doors:
            refusals.append(f"{region}: not in {DOORS}")
            continue
        door = doors[region]
        asked = [helper, "credential-process", "--region", region, "--role-arn", role, "--session-duration", seconds]
        asked += ["--certificate", str(folder / "site.pem"), "--private-key", str(folder / "site.key")]
        asked += ["--trust-anchor-arn", door["TrustAnchorArn"], "--profile-arn", door["ProfileArn"]]
        try:
            done = subprocess.run(asked, capture_output=True, text=True, timeout=EACH_SECONDS, check=True)
            json.loads(done.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as exc:
            said = (getattr(exc, "stderr", "") or "").strip()
            refusals.append(f"{region}: {type(exc).__name__} {said[-200:]}".rstrip())
        else:
            return done.stdout
    raise OSError(f"no door gave credentials: {'; '.join(refusals)}")


def main() -> None:
    """Write the credentials, or say why there are none."""
    role, seconds, *regions = sys.argv[1:]
    try:
        sys.stdout.write(credentials(Path(os.environ.get("LIFEBOAT_SECRETS", "/etc/lifeboat")), role, seconds, regions))
    except OSError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
