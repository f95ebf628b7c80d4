"""The measured parts of a document, each between two markers of its own; the words around them stay."""

import re
from pathlib import Path

from bench.numbers import MeasurementError


def replace_measured(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of a measurement; raises ``MeasurementError`` as ``place`` does."""
    document, (start, end) = path.read_text(encoding="utf-8"), place(path, name)
    path.write_text(f"{document[:start]}\n\n{text}\n\n{document[end:]}", encoding="utf-8")


def place(path: Path, name: str) -> tuple[int, int]:
    """Return where in a document the text of a measurement begins and ends, the markers outside.

    Raises:
        MeasurementError: the document is not there, or has not exactly one such pair.
    """
    if not path.is_file():
        raise MeasurementError(f"{path}: no such document; give --write one that has markers")
    begin, end = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
    pair = re.compile(f"{re.escape(begin)}(.*?){re.escape(end)}", re.DOTALL)
    found = list(pair.finditer(path.read_text(encoding="utf-8")))
    if len(found) != 1:
        raise MeasurementError(f"{path}: nowhere to write; put the line {begin} and below it {end} into it, once")
    return found[0].span(1)
