"""A user's mistake is told in words, with the fix, and exit code 2; never as a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import run

ROOT = Path(__file__).parents[3]
LIFEBOAT = Path(sys.executable).parent / "lifeboat"
BECAUSE = ("--reason", "x")
REVIEWS = "topologies/reviews.yaml"


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (("drill", "drills/no-such.yaml"), "drills/no-such.yaml"),
        (("drill", "topologies/quickstart.yaml"), "quickstart.yaml"),
        (("drill", "drills/blip.yaml", "--json", "/proc/nope/it.json"), "/proc/nope: No such file or directory"),
        (("drill", "drills/blip.yaml", "--html", "drills"), "drills is a folder; name a file in it"),
        (("drills", "blip", "--json-dir", "/proc/nope"), "/proc/nope: No such file or directory"),
        (("drills", "blip", "--json-dir", "README.md"), "README.md: File exists"),
        (("check", "drills/region-down.yaml"), "region-down.yaml"),
        (("check", "nowhere.yaml"), "nowhere.yaml"),
        (("drill", "drills/region-down.yaml", "--topology", "nowhere.yaml"), "nowhere.yaml"),
        (("deploy", "--app", "/nope"), "has no manifest.json of a cloud assembly"),
        (("consent", "invoices", *BECAUSE), "quickstart has: orders"),
        (("pause", "--for", "0", *BECAUSE), "equal to 1"),
        (("skip", "Nope", *BECAUSE), "Nope cannot be left out: an invariant stands on it; these can: AskVeto"),
        (("acknowledge", "mars", *BECAUSE), "region: got 'mars'; one of: us-east-1, "),
        (("override", "nostack", *BECAUSE), "resource: got 'nostack'; a stack (lifeboat-quickstart-…)"),
        (("override", "lifeboat-quickstart-x", "--for", "9x", *BECAUSE), "for: got '9x'; a number of minutes"),
        (("rollout", "2.0", "--topology", REVIEWS), "say one of the two: --put COMMAND"),
        (("rollout", "2.0", "--topology", REVIEWS, "--put", "x", "--already-put"), "say one of the two: --put COMMAND"),
        (
            ("rollout", "2.0", "--topology", REVIEWS, "--put", "apply {regoin}"),
            "got 'apply {regoin}' ('regoin'); a comm",
        ),
        (("rollout", "2.0", "--topology", REVIEWS, "--put", "apply 'it"), "(No closing quotation); a command in which"),
        (("rollout", "2.0", "--topology", REVIEWS, "--already-put", "--test", ""), "(it is empty); a command in which"),
        (("nonsense",), "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], fragment: str
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(sys, "argv", ["lifeboat", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert fragment in capsys.readouterr().err


def test_a_good_topology_is_told_in_a_line() -> None:
    done = subprocess.run(
        [LIFEBOAT, "check", "topologies/quickstart.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[0][:22]) == (0, "quickstart: 3 regions,")
