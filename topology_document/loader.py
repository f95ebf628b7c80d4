"""From a file to a topology, or to the list of everything that is wrong with it."""

import os

from failover.topology import Topology
from topology_document.checks import MISTAKES, WARNINGS, found_by
from topology_document.compilation import topology_of
from topology_document.document import TopologyDocument
from topology_document.environments import in_environment
from topology_document.findings import Finding, TopologyError
from topology_document.infrastructure import Infrastructure
from topology_document.infrastructure.environment import Environment
from topology_document.repair import repaired
from topology_document.shape import shape_of
from topology_document.source import Source, read_file, read_text


def load(path: str | os.PathLike[str], environment: Environment | None = None) -> Topology:
    """Return the topology of a YAML file in an environment: in production, where none is said.

    Raises:
        TopologyError: its text has one line for each mistake, in the order of the document.
    """
    topology, _ = load_whole(path, environment)
    return topology


def load_whole(path: str | os.PathLike[str], environment: Environment | None = None) -> tuple[Topology, Infrastructure]:
    """Return the topology of a YAML file and what else its stacks build; raises ``TopologyError``."""
    file = os.fspath(path)
    document = _there(_checked(read_text(read_file(file), file), file), file, environment)
    areas = {name: getattr(document, name) for name in Infrastructure.model_fields}
    return topology_of(document), Infrastructure.model_construct(**areas)


def load_with_warnings(path: str | os.PathLike[str]) -> tuple[Topology, tuple[Finding, ...]]:
    """Return the topology, and what is allowed in it but hardly meant; ``Finding.line(file)`` says it.

    Raises:
        TopologyError: as ``load``.
    """
    file = os.fspath(path)
    return load_text(read_file(file), file)


def load_text(text: str, file: str) -> tuple[Topology, tuple[Finding, ...]]:
    """Return the topology of a document's text, with warnings; ``file`` is what messages call it."""
    source = read_text(text, file)
    document = _checked(source, file)
    return topology_of(document), tuple(_in_order(source, found_by(WARNINGS, document)))


def _there(document: TopologyDocument, file: str, environment: Environment | None) -> TopologyDocument:
    """Return the document in an environment, which must be as free of mistakes as the whole."""
    told = in_environment(document, environment or document.environment)
    if mistakes := found_by(MISTAKES, told):
        raise TopologyError(f"{file} in {told.environment}", mistakes)
    return told


def _checked(source: Source, file: str) -> TopologyDocument:
    document, misshapen, broken = shape_of(source)
    broken += [mistake.path for mistake in source.mistakes]
    whole = document or repaired(source.values, broken)
    meant = found_by(MISTAKES, whole, broken) if whole else []
    explained = {mistake.path for mistake in source.mistakes}
    mistakes = [*source.mistakes, *(each for each in misshapen if each.path not in explained), *meant]
    if mistakes or document is None:
        raise TopologyError(file, _in_order(source, mistakes))
    return document


def _in_order(source: Source, findings: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: source.line_of(finding.path))
