"""The options that commands share: which topology is meant, and why something is ordered."""

from pathlib import Path
from typing import Annotated, Final

import typer

TOPOLOGIES: Final = Path(__file__).resolve().parent.parent / "topologies"
QUICKSTART: Final = TOPOLOGIES / "quickstart.yaml"
VARIABLE: Final = "LIFEBOAT_TOPOLOGY"


def _meant(context: typer.Context, parameter: typer.CallbackParam, value: Path) -> Path:
    """Say of which topology it is where nobody has said so: an order must not go to another product unseen."""
    source = context.get_parameter_source(str(parameter.name))
    if source is not None and source.name == "DEFAULT":
        typer.echo(f"topology: {value.stem}, as neither --topology nor {VARIABLE} names another", err=True)
    return value


def _reason(value: str) -> str:
    if not value.strip():
        raise typer.BadParameter("got nothing; say why: it stands in the journal")
    return value.strip()


Document = Annotated[
    Path,
    typer.Option(
        "--topology",
        envvar=VARIABLE,
        callback=_meant,
        show_default="topologies/quickstart.yaml",
        help="The topology that is deployed.",
    ),
]
Reason = Annotated[str, typer.Option(callback=_reason, help="Why; it stands in the journal.")]
