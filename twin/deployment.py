"""The real ``cdk bootstrap`` and ``cdk deploy``, onto the twin."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from failover.topology import Names, Topology
from twin.errors import TwinError

REPOSITORY: Final = Path(__file__).resolve().parent.parent
CLI: Final = REPOSITORY / "node_modules" / "aws-cdk" / "bin" / "cdk"
BOOTSTRAP_SECONDS: Final = 120
SYNTH_SECONDS: Final = 120
DEPLOY_SECONDS: Final = 300
DEPLOYED: Final = re.compile(r"✅\s+(lifeboat-\S+)")
TAIL: Final = 40


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
        self._cdk(
            ["synth", "--quiet", "--output", str(self.assembly), "--context", f"topology={self.document}"],
            SYNTH_SECONDS,
        )

    def bootstrap(self) -> None:
        """Make every region that gets a stack ready for the CDK."""
        regions = dict.fromkeys(
            (Names(self.topology).home, self.topology.quorum.replicas[0], *self.topology.region_names)
        )
        regions.update(dict.fromkeys(self.topology.control_regions))
        places = [f"aws://{self.topology.account}/{region}" for region in regions]
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

    def _cdk(self, arguments: Sequence[str], limit_seconds: float, cwd: Path | None = None) -> None:
        """Run the command in a session of its own, so that a time-out ends all of it."""
        command = ["node", str(CLI), *arguments]
        home = Path(sys.executable).parent
        surroundings = {
            **os.environ,
            **self.environment,
            "PATH": f"{home}:{os.environ.get('PATH', '')}",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }
        process = subprocess.Popen(
            command,
            cwd=cwd or REPOSITORY,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        timer = threading.Timer(limit_seconds, _end, [process])
        timer.start()
        lines: list[str] = []
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if deployed := DEPLOYED.search(line):
                    self.told(deployed.group(1))
            code = process.wait()
        finally:
            timer.cancel()
            _end(process)
            process.wait()
        if code != 0:
            last = "\n".join(lines[-TAIL:])
            raise DeploymentError(f"cdk {arguments[0]} ended with {code} (time limit {limit_seconds:.0f} s):\n{last}")


def _end(process: "subprocess.Popen[str]") -> None:
    """End the command and all that it started; node starts the application, which starts another node."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
