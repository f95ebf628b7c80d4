"""A YAML file as plain values, with the text and the line that each of them came from.

PyYAML's own constructor keeps the last of two equal keys and forgets how a value was written; a reader of
YAML 1.1 takes ``NO`` for false and ``012345670123`` for an octal number. Both are mistakes that only the
source can explain, so the source is kept.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from topology_document.findings import Finding, Path, TopologyError, shown

_READABLE: Final = "a readable YAML file with one mapping"
_YAML: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = {f"{_YAML}{tag}" for tag in ("str", "timestamp", "value", "merge")}
_TAGS: Final = _TEXT_TAGS | {f"{_YAML}{tag}" for tag in ("map", "seq", "null", "bool", "int", "float")}
_MOST_VALUES: Final = 10_000
"""A few aliases of aliases can stand for more values than a machine holds."""
_MOST_DEPTH: Final = 50
"""Reading recurses; a topology is seven levels deep at most."""


@dataclass(slots=True)
class Source:
    """The values of a document; for each path its line (from 1) and, for a plain scalar, its text."""

    values: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    plain: dict[Path, str] = field(default_factory=dict)
    mistakes: list[Finding] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """Return the line of the path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def read_file(file: str) -> str:
    """Return the text of a UTF-8 file, or raise ``TopologyError``."""
    try:
        content = FilePath(file).read_bytes()
    except IsADirectoryError:
        raise _unreadable(file, "a directory", "name the YAML file in it") from None
    except FileNotFoundError:
        raise _unreadable(file, "no file of this name", "check the path") from None
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise _unreadable(file, f"a file that cannot be read ({reason})", "check its permissions") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        got = f"the byte 0x{content[exc.start]:02x} on line {line}"
        raise TopologyError(file, [Finding((), got, "text in UTF-8", "save the file as UTF-8")]) from None


def read_text(text: str, file: str) -> Source:
    """Return the source of a document's text, or raise ``TopologyError`` where it is no YAML mapping."""
    try:
        _refuse_depth(text, file)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            raise _unreadable(
                file, "nothing" if root is None else _kind(root), "begin with a line of the form key: value"
            )
        source = Source({})
        source.values = _Reader(source).mapping(root, (), ())
    except yaml.YAMLError as exc:
        raise TopologyError(file, [_syntax(exc)]) from None
    return source


def _refuse_depth(text: str, file: str) -> None:
    """Composing recurses, and how deep this process may recurse is for others to say."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise _unreadable(file, "a document nested too deeply to read", "flatten it")


class _Reader:
    """Builds plain values out of YAML's nodes. ``around`` are the nodes being built, to see a cycle."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._built = 0
        self._scalars = yaml.constructor.SafeConstructor()

    def mapping(self, node: yaml.MappingNode, path: Path, around: tuple[int, ...]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            inner = (*path, key)
            line = key_node.start_mark.line + 1
            if key in built:
                first = self._source.lines[inner]
                self._mistake(
                    inner,
                    f"it again on line {line}, first on line {first}",
                    "each key once",
                    "remove or rename one of the two",
                )
                continue
            self._source.lines[inner] = line
            built[key] = self._value(value_node, inner, (*around, id(node)))
        return built

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._mistake(
                path,
                f"{_kind(node)} as a key on line {node.start_mark.line + 1}",
                "text as a key",
                "write the key as one word",
            )
            return None
        if not isinstance(self._scalar(node), str):
            fix = f'put the key in quotes: "{node.value}"'
            self._mistake((*path, node.value), f"the key {node.value}", "text as a key", fix)
        return str(node.value)

    def _value(self, node: yaml.Node, path: Path, around: tuple[int, ...]) -> Any:
        self._built += 1
        if self._built > _MOST_VALUES:
            raise yaml.YAMLError(f"more than {_MOST_VALUES} values")
        if id(node) in around:
            self._mistake(path, "an alias of what it stands in", "values that end", "write the values out")
            return None
        _refuse_tag(node)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, around)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*path, str(at)), (*around, id(node))) for at, each in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            self._source.plain[path] = node.value
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Hashable:
        _refuse_tag(node)
        if node.tag in _TEXT_TAGS:
            return str(node.value)
        try:
            return self._scalars.construct_object(node)  # type: ignore[no-any-return]
        except (ValueError, LookupError, OverflowError):
            return str(node.value)

    def _mistake(self, path: Path, got: str, allowed: str, fix: str) -> None:
        self._source.mistakes.append(Finding(path, got, allowed, fix))


def _refuse_tag(node: yaml.Node) -> None:
    if node.tag not in _TAGS:
        problem = f"could not determine a constructor for the tag {node.tag!r}"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _unreadable(file: str, got: str, fix: str) -> TopologyError:
    return TopologyError(file, [Finding((), got, _READABLE, fix)])


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "a mapping" if isinstance(node, yaml.MappingNode) else f"the text {shown(str(node.value))}"


def _syntax(exc: yaml.YAMLError) -> Finding:
    """Say a syntax error in one line: what PyYAML saw, and where."""
    if isinstance(exc, yaml.MarkedYAMLError):
        mark = exc.problem_mark or exc.context_mark
        where = f" on line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        return Finding(
            (),
            f"broken YAML{where}: {(exc.problem or exc.context or '').removeprefix('but ')}",
            _READABLE,
            _advice(exc),
        )
    if isinstance(exc, yaml.reader.ReaderError):
        character = exc.character if isinstance(exc.character, int) else ord(exc.character[:1])
        got = f"the character U+{character:04X} at position {exc.position}"
        return Finding((), got, "printable text", "remove that character")
    return Finding((), str(exc), _READABLE, "write the values out instead of repeating aliases")


def _advice(exc: yaml.MarkedYAMLError) -> str:
    problem = exc.problem or ""
    if "'\\t'" in problem:
        return "indent with spaces, never with tabs"
    if "constructor for the tag" in problem:
        return "remove the tag; a topology is plain text, numbers, lists and mappings"
    if "another document" in problem:
        return 'keep one document in a file; remove the second "---"'
    if "undefined alias" in problem:
        return "define the anchor above, or write the value out"
    return "correct that line: look for a missing quote, colon, bracket or space, there or on the line above"
