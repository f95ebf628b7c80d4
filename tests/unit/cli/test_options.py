"""Which topology an order goes to is said, by an option or a variable, or it is told; and a reason is one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.orders
from cli.main import app
from tests.worlds import World

ROOT = Path(__file__).parents[3]
QUICKSTART, METRO = (str(ROOT / "topologies" / f"{name}.yaml") for name in ("quickstart", "metro"))
VARIABLE = "LIFEBOAT_TOPOLOGY"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The products whose store was asked."""
    products: list[str] = []

    def world(product: object) -> object:
        products.append(product.name)  # type: ignore[attr-defined]
        return World().ports("eu-west-1")

    monkeypatch.setattr("cli.operate.world", world)
    monkeypatch.setattr(cli.orders, "world", world)
    return products


def told(*words: str, topology: str | None = None) -> Result:
    return CliRunner().invoke(app, [*words], env={VARIABLE: topology})


def test_the_default_is_told_beside_the_answer(asked: list[str]) -> None:
    result = told("resume")
    assert asked == ["quickstart"]
    assert "topology: quickstart, as neither --topology nor LIFEBOAT_TOPOLOGY names another" in result.stderr
    assert result.stdout == "resumed\n"


def test_a_variable_says_it_and_an_option_says_it_louder(asked: list[str]) -> None:
    assert told("resume", topology=METRO).stderr == ""
    assert told("resume", "--topology", QUICKSTART, topology=METRO).stderr == ""
    assert asked == ["metro", "quickstart"]


@pytest.mark.parametrize("words", [("pause",), ("abort",), ("consent", "orders"), ("skip", "AskVeto"), ("approve",)])
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_that_says_nothing_is_refused(asked: list[str], words: tuple[str, ...], reason: str) -> None:
    result = told(*words, "--reason", reason)
    assert result.exit_code == 2
    assert "say why" in result.stderr
    assert asked == []
