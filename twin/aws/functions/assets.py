"""A function's code on disk, unpacked once for all the functions and workers that have the same."""

import base64
import io
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path


class Assets:
    """Code folders under one folder, named by the digest of the zip file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def folder_of(self, code_sha256: str, zipped: bytes) -> Path:
        """Return the folder of some code; ``code_sha256`` is Lambda's, in base64."""
        path = self._folder / base64.b64decode(code_sha256).hex()[:32]
        with self._lock:
            if not path.is_dir():
                self._folder.mkdir(parents=True, exist_ok=True)
                beside = Path(tempfile.mkdtemp(dir=self._folder, prefix="unpacking-"))
                try:
                    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
                        archive.extractall(beside)
                    beside.rename(path)
                finally:
                    shutil.rmtree(beside, ignore_errors=True)
        return path
