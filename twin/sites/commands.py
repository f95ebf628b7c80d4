"""The programs that a site's host has besides Python, put into a folder for the path of its processes."""

import sys
from pathlib import Path
from typing import Final

from twin.network.surroundings import REPOSITORY

PROGRAMS: Final = {
    "aws_signing_helper": "twin.sites.signing_helper",
    "lifeboat-postgres": "twin.sites.rejoin_command",
}


def write_programs(folder: Path) -> None:
    """Write a script for each; the processes' own path has the deployed code and not the repository."""
    folder.mkdir()
    for name, module in PROGRAMS.items():
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\n"
            f"import sys\nsys.path.append({str(REPOSITORY)!r})\n"
            f"from {module} import main\nsys.exit(main())\n",
            encoding="utf-8",
        )
        script.chmod(0o755)
