"""Which templates are looked at: one of each shape."""

from pathlib import Path

from template_checks.shapes import distinct


def templates(folder: Path, **texts: str) -> dict[str, Path]:
    for stack, text in texts.items():
        (folder / stack).write_text(text)
    return {stack: folder / stack for stack in texts}


def test_templates_that_differ_in_names_alone_are_one(tmp_path: Path) -> None:
    told = templates(
        tmp_path,
        one='{"TopicName": "shop-us-east-1", "Cidr": "10.0.0.0/16", "TopicBFC7AF6E": "eu-west-1a"}',
        two='{"TopicName": "shop-ap-southeast-1", "Cidr": "10.1.0.0/16", "TopicA1B2C3D4": "ca-central-1a"}',
    )
    assert list(distinct(told, "shop")) == ["one"]


def test_templates_that_differ_in_a_property_are_two(tmp_path: Path) -> None:
    told = templates(tmp_path, one='{"MultiAZ": true}', two='{"MultiAZ": false}')
    assert list(distinct(told, "shop")) == ["one", "two"]
