"""What the pure core does not know."""

import ast
from pathlib import Path

import pytest

import twin.alarms

MODULES = sorted(Path(twin.alarms.__file__).parent.glob("*.py"))
FOREIGN = {"ministack", "boto3", "botocore", "threading", "time", "random", "os", "socket"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_the_core_knows_no_emulator_no_clock_and_no_thread(module: Path) -> None:
    imports = [
        node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}

    assert not {name.split(".")[0] for name in names} & FOREIGN
    assert not {name for name in names if name.startswith("twin.") and not name.startswith("twin.alarms")}
