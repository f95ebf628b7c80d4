"""The one asset that every function is deployed from.

It holds ``lambdas/``, the compiled topology and the pure-Python distributions that the functions import,
taken from what is installed here: no network, no container, no architecture. Native extensions are left
out; each distribution here has a pure-Python path. boto3 comes with Lambda's own runtime.
"""

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from aws_cdk import aws_lambda as lambda_

from failover.topology import Topology, compiled

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIRED: Final = ("aws-lambda-powertools", "aws-xray-sdk", "pg8000")
WITH_LAMBDA: Final = frozenset({"boto3", "botocore", "s3transfer"})
LEFT_OUT_SUFFIXES: Final = frozenset({".pyc", ".so", ".pyd", ".pyi", ".c"})
LEFT_OUT_FOLDERS: Final = frozenset({"__pycache__", "tests", "test", "bin", "testing"})
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""A file's time in the archive, the first that the format knows: when something was made is no content."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class FunctionBundle:
    """An archive named by the digest of its content."""

    path: Path
    digest: str

    @classmethod
    def build(cls, topology: Topology, under: Path = ROOT / "build" / "functions") -> "FunctionBundle":
        """Return the bundle of a topology, made only when none with the same content is there."""
        content = dict(sorted(_content(topology)))
        digest = _digest(content)
        path = under / f"{digest}.zip"
        if not path.is_file():
            _write(content, path)
        return cls(path, digest)

    def code(self) -> lambda_.AssetCode:
        """Return the asset for the functions of one stack."""
        return lambda_.Code.from_asset(str(self.path), asset_hash=self.digest)


def _content(topology: Topology) -> Iterator[tuple[str, bytes]]:
    lambdas = ROOT / "lambdas"
    for file in lambdas.rglob("*"):
        if file.is_file() and _belongs(relative := file.relative_to(lambdas)):
            yield relative.as_posix(), file.read_bytes()
    yield "topology.json", json.dumps(compiled(topology), sort_keys=True, indent=1).encode()
    for found in _closure(REQUIRED):
        yield from _files(found)


def _closure(names: Iterable[str]) -> list[Distribution]:
    """Return the named distributions and all that they require, extras aside."""
    pending, seen = list(names), dict[str, Distribution]()
    while pending:
        name = pending.pop().lower().replace("_", "-")
        if name in seen or name in WITH_LAMBDA:
            continue
        seen[name] = distribution(name)
        needed = (text for text in seen[name].requires or () if "extra ==" not in text)
        pending += [match.group() for text in needed if (match := _NAME.match(text))]
    return [seen[name] for name in sorted(seen)]


def _files(found: Distribution) -> Iterator[tuple[str, bytes]]:
    for file in found.files or ():
        path = Path(file)
        # pg8000 and scramp ask importlib.metadata for their own version when they are imported.
        about = path.parent.suffix == ".dist-info" and path.name == "METADATA"
        if about or (_belongs(path) and not path.parts[0].endswith(".dist-info")):
            yield path.as_posix(), Path(str(file.locate())).read_bytes()


def _belongs(relative: Path) -> bool:
    return (
        ".." not in relative.parts
        and relative.suffix not in LEFT_OUT_SUFFIXES
        and not LEFT_OUT_FOLDERS.intersection(relative.parts[:-1])
    )


def _digest(content: dict[str, bytes]) -> str:
    told = hashlib.sha256()
    for name, data in content.items():
        told.update(f"{name}\0{len(data)}\0".encode() + data)
    return told.hexdigest()


def _write(content: dict[str, bytes], path: Path) -> None:
    """Write beside and rename, so that a second synthesis never sees half a bundle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="making-", delete=False) as beside:
        try:
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in content.items():
                    about = zipfile.ZipInfo(name, date_time=EPOCH)
                    about.external_attr = 0o644 << 16
                    archive.writestr(about, data, zipfile.ZIP_DEFLATED)
            Path(beside.name).chmod(0o644)
            Path(beside.name).replace(path)
        finally:
            Path(beside.name).unlink(missing_ok=True)
