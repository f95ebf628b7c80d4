"""The files that a command writes: looked at before anything is done for them, and written whole or not at all."""

import tempfile
from pathlib import Path

import typer


def writable(option: str, file: Path | None) -> None:
    """Refuse a file that could not be written in the end, and make its folder."""
    if file is None or _is_device(file):
        return
    if file.is_dir():
        raise typer.BadParameter(f"{file} is a folder; name a file in it", param_hint=option)
    writable_folder(option, file.parent)


def writable_folder(option: str, folder: Path) -> None:
    """Refuse a folder that nothing can be written into, and make it where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        raise typer.BadParameter(
            f"{folder}: {exc.strerror}; name a folder that may be written to", param_hint=option
        ) from exc


def write(file: Path, text: str) -> None:
    """Write the whole file or none of it: whoever is ended in the midst can go on."""
    if _is_device(file):
        file.write_text(text, "utf-8")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.part")
    try:
        unfinished.write_text(text, "utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _is_device(file: Path) -> bool:
    """``/dev/stdout``, a pipe: what is there, is no file, and cannot be replaced."""
    return file.exists() and not file.is_file() and not file.is_dir()
