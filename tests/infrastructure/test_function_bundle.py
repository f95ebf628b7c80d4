"""Promises on the asset: small, repeatable, and whole: a function runs from it with nothing else."""

import dataclasses
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

from failover.topology import Topology, parse
from stacks.constructs.function_bundle import ROOT, FunctionBundle

STEPS = sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py"))
LAMBDA_HAS = {"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six.py", "jmespath"}


@pytest.fixture(scope="module")
def bundle(topology: Topology, tmp_path_factory: pytest.TempPathFactory) -> FunctionBundle:
    return FunctionBundle.build(topology, tmp_path_factory.mktemp("bundles"))


def test_the_same_content_is_the_same_bundle(bundle: FunctionBundle, topology: Topology, tmp_path: Path) -> None:
    again = FunctionBundle.build(topology, tmp_path)
    assert again.digest == bundle.digest
    assert again.path.read_bytes() == bundle.path.read_bytes()


def test_a_bundle_that_is_there_is_not_made_again(bundle: FunctionBundle, topology: Topology) -> None:
    before = bundle.path.stat().st_mtime_ns
    assert FunctionBundle.build(topology, bundle.path.parent).path.stat().st_mtime_ns == before
    assert [each.name for each in bundle.path.parent.iterdir()] == [bundle.path.name]


def test_another_topology_is_another_bundle(bundle: FunctionBundle, topology: Topology, tmp_path: Path) -> None:
    other = FunctionBundle.build(dataclasses.replace(topology, name="other"), tmp_path)
    assert other.digest != bundle.digest


def test_functions_get_the_topology_that_was_deployed(bundle: FunctionBundle, topology: Topology) -> None:
    assert parse(json.loads(_files(bundle)["topology.json"])) == topology


def test_it_is_free_of_architecture_and_of_what_lambda_has(bundle: FunctionBundle) -> None:
    files = _files(bundle)
    assert not [name for name in files if Path(name).suffix in {".so", ".pyd", ".pyc"}]
    assert not [name for name in files if name.split("/")[0] in {"boto3", "botocore", "s3transfer"}]


def test_it_is_small(bundle: FunctionBundle) -> None:
    assert bundle.path.stat().st_size < 3_000_000


def test_every_function_loads_from_the_bundle_and_lambdas_own_libraries(bundle: FunctionBundle, tmp_path: Path) -> None:
    unpacked = tmp_path / "task"
    zipfile.ZipFile(bundle.path).extractall(unpacked)
    code = f"""
import importlib
for step in {STEPS!r}:
    it = importlib.import_module(step + ".handler")
    assert callable(it.handle), step
    assert it.__file__.startswith({str(unpacked)!r}), it.__file__
"""
    found = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env=_environment(unpacked, _lambda_libraries(tmp_path / "lambda")),
        cwd=unpacked,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert STEPS
    assert found.returncode == 0, found.stderr


def _lambda_libraries(folder: Path) -> Path:
    """Make a folder with nothing but the libraries that Lambda's own runtime brings."""
    folder.mkdir()
    installed = Path(boto3.__file__).parents[1]
    for name in LAMBDA_HAS:
        (folder / name).symlink_to(installed / name)
    return folder


def _environment(unpacked: Path, libraries: Path) -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    powertools = {"POWERTOOLS_SERVICE_NAME": "step", "POWERTOOLS_TRACE_DISABLED": "1"}
    places = {"PYTHONPATH": f"{unpacked}{os.pathsep}{libraries}", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | powertools | places | {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}


def _files(bundle: FunctionBundle) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
