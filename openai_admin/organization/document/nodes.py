"""YAML as a tree of texts, lists and mappings, each of which knows its line.

What a plain scalar means is left to whoever reads it: YAML 1.1 takes ``no`` for false, ``2024`` for
a number and ``1:30`` for ninety, and here each stays the text that was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..._declare.arguments import shown
from ..._extras import require
from ...errors import DocumentError
from .mistakes import Mistakes, Place

MOST_PARTS = 1_000_000
"""How many texts, lists and mappings a file may have, what aliases repeat counted each time."""

_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"


@attrs.frozen(eq=False)
class ScalarNode:
    """A text, as it was written.

    Attributes:
        is_plain: whether it stands without quotes.
    """

    place: Place
    text: str
    is_plain: bool
    size: int = 1

    @property
    def is_null(self) -> bool:
        """Whether YAML takes it for no value at all."""
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")


@attrs.frozen(eq=False)
class ListNode:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    size: int = 1


@attrs.frozen(eq=False)
class Entry:
    """A key and what belongs to it."""

    place: Place
    node: Node


@attrs.frozen(eq=False)
class MappingNode:
    """A mapping, its merge keys resolved."""

    place: Place
    entries: Mapping[str, Entry]
    size: int = 1


Node = ScalarNode | ListNode | MappingNode


def tree_of(text: str, file: str, mistakes: Mistakes) -> Node | None:
    """The tree of a YAML document; ``None`` where it has nothing but comments.

    Args:
        text: the document.
        file: the file's name, for places.
        mistakes: takes keys that stand twice, tags and the like.

    Raises:
        DocumentError: it is not valid YAML, repeats itself without end, or is too big.
        ConfigurationError: the package that reads YAML is not installed.
    """
    yaml = require("ruamel.yaml", extra="org")
    # The pure parser, for its errors have lines.
    try:
        parser = yaml.YAML(typ="safe", pure=True)
        parser.composer.warn_double_anchors = False  # `_Tree` tells
        composed = parser.compose(text)
        return None if composed is None else _Tree(file, mistakes).read(composed)
    except RecursionError:
        raise DocumentError([f"{file} has lists or mappings too deep inside each other."]) from None
    except yaml.error.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = Place(file, mark.line + 1 if mark else None)
        raise DocumentError([f"{place}: this is not valid YAML: {_why(exc)}."]) from None
    except yaml.reader.ReaderError as exc:
        line = text[: exc.position].count("\n") + 1
        character = f"U+{ord(text[exc.position]):04X}"
        sentence = f"the character {character} is not allowed in YAML; write it as an escape."
        raise DocumentError([f"{Place(file, line)}: {sentence}"]) from None
    except yaml.error.YAMLError as exc:
        raise DocumentError([f"{file} is not valid YAML: {exc}."]) from None


def _why(exc: Any) -> str:
    problem = str(exc.problem or exc.context).rstrip(".")
    if "mapping values are not allowed" in problem:
        return "a text with ': ' in it needs quotes, or the line is indented too far"
    if "cannot start any token" in problem:
        return f"{problem}: quote the text, and indent with blanks"
    if "found another document" in problem:
        return "it has a second document, after a line '---'"
    if "could not find expected ':'" in problem:
        return "a key without ':' after it"
    return problem


class _Tree:
    """What is read of one document; private, made once a file."""

    def __init__(self, file: str, mistakes: Mistakes) -> None:
        self._file = file
        self._mistakes = mistakes
        self._read: dict[int, Node] = {}
        self._open: set[int] = set()
        self._anchors: dict[str, Place] = {}

    def read(self, composed: Any) -> Node:
        """A part of it; what an alias repeats is read once."""
        key = id(composed)
        if key in self._read:
            return self._read[key]
        place = self._place(composed)
        if key in self._open:
            raise DocumentError([f"{place}: what an alias repeats contains the alias itself."])
        self._open.add(key)
        self._check_anchor(composed.anchor, place)
        node = self._node(composed, place)
        if node.size > MOST_PARTS:
            repeated = f"more than {MOST_PARTS:,} parts, with what aliases repeat"
            raise DocumentError([f"{self._file} is too big: it has {repeated}."])
        self._open.discard(key)
        self._read[key] = node
        return node

    def _node(self, composed: Any, place: Place) -> Node:
        kind = type(composed).__name__
        self._check_tag(composed, kind, place)
        if kind == "ScalarNode":
            return ScalarNode(place, composed.value, composed.style is None)
        if kind == "SequenceNode":
            items = tuple(self.read(each) for each in composed.value)
            return ListNode(place, items, 1 + sum(each.size for each in items))
        entries = self._entries(composed.value)
        return MappingNode(place, entries, 1 + sum(1 + each.node.size for each in entries.values()))

    def _entries(self, pairs: Any) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: list[MappingNode] = []
        for key, value in pairs:
            place, node = self._place(key), self.read(value)
            if type(key).__name__ != "ScalarNode":
                self._mistakes.add(place, "a key must be a text.")
            elif key.style is None and key.value == "":
                self._mistakes.add(place, "a key is missing before ':'.")
            elif key.style is None and key.value == _MERGE:
                merged += self._merged(node, place)
            elif key.value in own:
                before = own[key.value].place.line
                self._mistakes.add(
                    place, f"the key {shown(key.value)} stands here twice, first in line {before}."
                )
            else:
                own[key.value] = Entry(place, node)
        for each in merged:
            own = {**own, **{k: e for k, e in each.entries.items() if k not in own}}
        return own

    def _merged(self, node: Node, place: Place) -> Iterator[MappingNode]:
        for each in node.items if isinstance(node, ListNode) else (node,):
            if isinstance(each, MappingNode):
                yield each
            else:
                self._mistakes.add(place, "what '<<' merges must be a mapping, or a list of them.")

    def _check_anchor(self, anchor: str | None, place: Place) -> None:
        before = None if anchor is None else self._anchors.setdefault(anchor, place)
        if before is not None and before is not place:
            self._mistakes.add(
                place, f"the anchor &{anchor} stands here twice, first in line {before.line}."
            )

    def _check_tag(self, composed: Any, kind: str, place: Place) -> None:
        tag = str(composed.tag)
        expected = {"SequenceNode": {"seq"}, "MappingNode": {"map"}}.get(kind)
        if expected is None:
            plain = {"str", "null", "bool", "int", "float", "timestamp", "merge", "value"}
            expected = plain if composed.style is None else {"str"}
        if tag.removeprefix(_CORE) not in expected:
            told = tag.replace(_CORE, "!!")
            self._mistakes.add(place, f"the tag {shown(told)} has no meaning here.")

    def _place(self, composed: Any) -> Place:
        return Place(self._file, composed.start_mark.line + 1)
