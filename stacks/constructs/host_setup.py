"""The document by which Systems Manager makes a host what its settings say, again each day."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from aws_cdk import aws_ssm as ssm
from constructs import Construct

PROGRAMS: Final = Path(__file__).parents[1] / "host"
PLACE: Final = "/opt/lifeboat/stacks/host"
COMMAND: Final = """\
#!/bin/sh
PYTHONPATH=/opt/lifeboat exec /usr/bin/python3 -m stacks.host.lifeboat_postgres "$@"
"""
SECONDS: Final = 3600


class HostSetup(Construct):
    """One document for all hosts of a copy; ``apply`` ties it to one of them.

    Hosts are never replaced for their settings' sake: what changes is brought to them as they run.
    """

    def __init__(self, scope: Construct, id: str, *, told: dict[str, Any]) -> None:
        super().__init__(scope, id)
        script = _script(told)
        self._digest = hashlib.sha256(script.encode()).hexdigest()[:20]
        self._document = ssm.CfnDocument(
            self,
            "Document",
            document_type="Command",
            document_format="JSON",
            update_method="NewVersion",
            target_type="/AWS::EC2::Instance",
            content={
                "schemaVersion": "2.2",
                "description": f"Makes hosts of {told['database']} what the topology says",
                "parameters": {
                    "Volume": {"type": "String", "allowedPattern": "^vol-[0-9a-f]+$"},
                    "Follows": {"type": "String", "allowedPattern": "^[a-z0-9.-]*$", "default": ""},
                    "Digest": {"type": "String", "allowedPattern": "^[0-9a-f]+$"},
                },
                "mainSteps": [
                    {
                        "action": "aws:runShellScript",
                        "name": "setup",
                        "inputs": {"timeoutSeconds": str(SECONDS), "runCommand": script.splitlines()},
                    }
                ],
            },
        )

    def apply(self, id: str, *, instance: str, volume: str, follows: str) -> None:
        """Run it on a host now, when it changes, and each day."""
        ssm.CfnAssociation(
            self,
            id,
            name=self._document.ref,
            document_version="$LATEST",
            targets=[ssm.CfnAssociation.TargetProperty(key="InstanceIds", values=[instance])],
            # What a change of the digest changes is the association, which then runs at once.
            parameters={"Volume": [volume], "Follows": [follows], "Digest": [self._digest]},
            schedule_expression="rate(1 day)",
            compliance_severity="HIGH",
        )


def _script(told: dict[str, Any]) -> str:
    """Return the shell's lines: the programs, the settings, and their use."""
    parts = ["set -eu", f"mkdir -p {PLACE} /etc/lifeboat"]
    for file in sorted(PROGRAMS.glob("*.py")):
        parts.append(_written(f"{PLACE}/{file.name}", file.read_text("utf-8")))
    parts.append(_written("/usr/local/bin/lifeboat-postgres", COMMAND))
    parts.append("chmod 755 /usr/local/bin/lifeboat-postgres")
    # Systems Manager puts the parameters in wherever they stand.
    known = {**told, "volume": "{{ Volume }}", "follows": "{{ Follows }}"}
    parts.append(_written("/etc/lifeboat/postgres.json", json.dumps(known, sort_keys=True, indent=1)))
    parts.append("lifeboat-postgres setup")
    return "\n".join(parts)


def _written(path: str, text: str) -> str:
    return f"cat >{path} <<'LIFEBOAT'\n" + text.rstrip("\n") + "\nLIFEBOAT"
