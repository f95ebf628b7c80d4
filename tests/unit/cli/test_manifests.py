"""``lifeboat manifests``: YAML for a region or a city, or one line on what is wrong."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app

ROOT = Path(__file__).resolve().parents[3]
METRO, QUICKSTART = (str(ROOT / "topologies" / f"{name}.yaml") for name in ("metro", "quickstart"))


def said(*arguments: str) -> tuple[int, str, str]:
    told = CliRunner().invoke(app, ["manifests", *arguments])
    return told.exit_code, told.stdout, told.stderr


def test_a_regions_cluster_is_written_as_yaml() -> None:
    code, text, _ = said(METRO, "--region", "eu-central-1")
    assert code == 0
    assert {"Deployment", "PeerAuthentication", "TargetGroupBinding"} <= {
        each["kind"] for each in yaml.safe_load_all(text)
    }


def test_a_citys_node_is_written_as_yaml() -> None:
    code, text, _ = said(METRO, "--city", "bremen")
    assert code == 0
    assert next(each["kind"] for each in yaml.safe_load_all(text)) == "Namespace"


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ((METRO,), "say --region or --city, one of the two"),
        ((METRO, "--region", "eu-central-1", "--city", "bremen"), "say --region or --city, one of the two"),
        ((METRO, "--region", "eu-centrl-1"), 'did you mean "eu-central-1"?'),
        ((METRO, "--city", "bremn"), 'did you mean "bremen"?'),
        ((QUICKSTART, "--city", "bremen"), "add edge.cities"),
        ((QUICKSTART, "--region", "us-east-1"), "declares no compute and no services"),
    ],
    ids=str,
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], wrong: str) -> None:
    code, text, told = said(*arguments)
    assert (code, text) == (2, "")
    assert wrong in told
    assert len(told.splitlines()) == 1
