"""The real ``cdk bootstrap`` and ``cdk deploy``, onto the twin."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from failover.topology import Topology
from stacks.cdk_command import REPOSITORY, CdkError, run_cdk, synth
from twin.errors import TwinError

BOOTSTRAP_SECONDS: Final = 300
SYNTH_SECONDS: Final = 120
DEPLOY_SECONDS: Final = 900
DEPLOYED: Final = re.compile(r"✅\s+(lifeboat-\S+)")


class DeploymentError(TwinError):
    """The CDK's command failed, or took too long; the message has its last lines."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One topology and where it goes; ``environment`` points the AWS SDKs at the twin."""

    topology: Topology
    document: Path
    assembly: Path
    environment: Mapping[str, str]
    told: Callable[[str], None] = field(default=lambda _line: None)

    def synthesise(self) -> None:
        """Write the cloud assembly; needs no AWS, emulated or not."""
        self._cdk(synth(self.document, self.assembly), SYNTH_SECONDS)

    def bootstrap(self) -> None:
        """Make every region that gets a stack ready for the CDK; the assembly says which."""
        manifest = json.loads((self.assembly / "manifest.json").read_text("utf-8"))
        stacks = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
        places = dict.fromkeys(each["environment"] for each in stacks)
        # Away from the repository's cdk.json, or the command would synthesise the application for nothing.
        self._cdk(["bootstrap", *places], BOOTSTRAP_SECONDS, self.assembly.parent)

    def deploy(self) -> None:
        """Deploy every stack; the assembly's dependencies put the primary before its replicas."""
        self._cdk(
            [
                *("deploy", "--all", "--app", str(self.assembly), "--require-approval", "never"),
                *("--method", "direct", "--concurrency", "4", "--progress", "events"),
            ],
            DEPLOY_SECONDS,
        )

    def _cdk(self, arguments: Sequence[str], limit_seconds: float, cwd: Path = REPOSITORY) -> None:
        try:
            run_cdk(arguments, limit_seconds=limit_seconds, environment=self.environment, cwd=cwd, heard=self._heard)
        except CdkError as exc:
            raise DeploymentError(str(exc)) from exc

    def _heard(self, line: str) -> None:
        if deployed := DEPLOYED.search(line):
            self.told(deployed.group(1))
