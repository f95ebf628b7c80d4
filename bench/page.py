"""The measured parts of a document, each between two markers of its own; the words around them stay."""

import re
from pathlib import Path

from bench.numbers import MeasurementError


def replace_measured(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of a measurement.

    Raises:
        MeasurementError: the document is not there, or has not exactly one such pair.
    """
    if not path.is_file():
        raise MeasurementError(f"{path}: no such document; give --write one that has markers")
    begin, end = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
    document = path.read_text(encoding="utf-8")
    pair = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pair.findall(document)) != 1:
        raise MeasurementError(f"{path}: nowhere to write; put the line {begin} and below it {end} into it, once")
    path.write_text(pair.sub(lambda _found: f"{begin}\n\n{text}\n\n{end}", document), encoding="utf-8")
