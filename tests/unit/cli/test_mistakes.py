"""A user's mistake is told in words, with the fix, and exit code 2; never as a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIFEBOAT = Path(sys.executable).parent / "lifeboat"


def told(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(LIFEBOAT), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (("drill", "drills/no-such.yaml"), "drills/no-such.yaml"),
        (("drill", "topologies/quickstart.yaml"), "quickstart.yaml"),
        (("check", "drills/region-down.yaml"), "region-down.yaml"),
        (("check", "nowhere.yaml"), "nowhere.yaml"),
        (("drill", "drills/region-down.yaml", "--topology", "nowhere.yaml"), "nowhere.yaml"),
        (("consent", "invoices", "--reason", "x"), "quickstart has: orders"),
        (("pause", "--for", "0", "--reason", "x"), "equal to 1"),
        (("nonsense",), "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_says_what_is_wrong(arguments: tuple[str, ...], fragment: str) -> None:
    code, text = told(*arguments)
    assert code == 2, text
    assert fragment in text
    assert "Traceback" not in text


def test_a_good_topology_is_told_in_a_line() -> None:
    code, text = told("check", "topologies/quickstart.yaml")
    assert (code, text.splitlines()[0][:22]) == (0, "quickstart: 3 regions,")
