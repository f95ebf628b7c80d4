"""Every command about what is deployed speaks of the environment that its root was given."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

METRO = str(Path(__file__).parents[3] / "topologies" / "metro.yaml")
NAMES = {None: "metro:", "production": "metro:", "staging": "metro-staging:", "development": "metro-development:"}


@pytest.mark.parametrize("environment", NAMES)
def test_a_command_speaks_of_the_environment_that_is_asked_for(environment: str | None) -> None:
    words = [] if environment is None else ["--environment", environment]
    told = CliRunner().invoke(app, [*words, "check", METRO])
    assert told.exit_code == 0, told.output
    assert told.output.startswith(NAMES[environment])


def test_it_may_be_a_variable() -> None:
    told = CliRunner().invoke(app, ["check", METRO], env={"LIFEBOAT_ENVIRONMENT": "staging"})
    assert told.output.startswith("metro-staging:")


def test_an_environment_that_nobody_knows_is_a_mistake() -> None:
    told = CliRunner().invoke(app, ["--environment", "nowhere", "check", METRO])
    assert told.exit_code == 2


def test_a_regions_manifests_are_those_of_the_environment() -> None:
    asked = ["--environment", "staging", "manifests", METRO, "--region", "eu-central-1"]
    assert "namespace: metro-staging\n" in CliRunner().invoke(app, asked).output
