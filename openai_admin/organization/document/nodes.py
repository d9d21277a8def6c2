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
_VERSION = "%YAML"
_TAGS = {
    "ScalarEvent": ("!", f"{_CORE}str"),
    "SequenceStartEvent": (f"{_CORE}seq",),
    "MappingStartEvent": (f"{_CORE}map",),
}


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
        events = yaml.YAML(typ="safe", pure=True).parse(text)
        return _Tree(events, file, mistakes).document()
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
    except AssertionError:  # the parser's word for a version that it does not know
        lines = (n for n, line in enumerate(text.split("\n"), 1) if line.startswith(_VERSION))
        place = Place(file, next(lines, None))
        sentence = f"only YAML 1.1 and 1.2 are read: take the line {_VERSION} out."
        raise DocumentError([f"{place}: {sentence}"]) from None
    except yaml.error.YAMLError as exc:
        raise DocumentError([f"{file} is not valid YAML: {exc}."]) from None


def _why(exc: Any) -> str:
    problem = str(exc.problem or exc.context).rstrip(".")
    if "mapping values are not allowed" in problem:
        return "a text with ': ' in it needs quotes, or the line is indented too far"
    if "cannot start any token" in problem:
        return f"{problem}: quote the text, and indent with blanks"
    if "could not find expected ':'" in problem:
        return "a key without ':' after it"
    return problem


class _Tree:
    """Makes the tree of a document's events, by recursion; private, made once a file."""

    def __init__(self, events: Iterator[Any], file: str, mistakes: Mistakes) -> None:
        self._events = events
        self._file = file
        self._mistakes = mistakes
        self._anchors: dict[str, Node | None] = {}  # None while what is there is being read
        self._lines: dict[str, Place] = {}

    def document(self) -> Node | None:
        self._next()  # the stream
        if _is(self._next(), "StreamEnd"):
            return None
        node = self._node(self._next())
        self._next()  # the document's end
        after = self._next()
        if not _is(after, "StreamEnd"):
            why = "this is not valid YAML: it has a second document, after a line '---'"
            raise DocumentError([f"{self._place(after)}: {why}."])
        return node

    def _next(self) -> Any:
        return next(self._events)

    def _node(self, event: Any) -> Node:
        place = self._place(event)
        if _is(event, "Alias"):
            return self._repeated(event.anchor, place)
        anchor = event.anchor
        if anchor is not None:
            self._anchor(anchor, place)
        self._check_tag(event, place)
        node: Node
        if _is(event, "Scalar"):
            node = ScalarNode(place, event.value, event.style is None)
        elif _is(event, "SequenceStart"):
            items = tuple(self._node(each) for each in _until(self._events, "SequenceEnd"))
            node = ListNode(place, items, 1 + sum(each.size for each in items))
        else:
            entries = self._entries()
            size = 1 + sum(1 + each.node.size for each in entries.values())
            node = MappingNode(place, entries, size)
        if node.size > MOST_PARTS:
            repeated = f"more than {MOST_PARTS:,} parts, with what aliases repeat"
            raise DocumentError([f"{self._file} is too big: it has {repeated}."])
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _repeated(self, anchor: str, place: Place) -> Node:
        if anchor not in self._anchors:
            raise DocumentError(
                [f"{place}: the alias *{anchor} has no anchor &{anchor} before it."]
            )
        node = self._anchors[anchor]
        if node is None:
            raise DocumentError([f"{place}: what *{anchor} repeats contains *{anchor} itself."])
        return node

    def _anchor(self, anchor: str, place: Place) -> None:
        if anchor in self._lines:
            before = self._lines[anchor].line
            self._mistakes.add(
                place, f"the anchor &{anchor} stands here twice, first in line {before}."
            )
        self._lines.setdefault(anchor, place)
        self._anchors[anchor] = None

    def _entries(self) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: list[MappingNode] = []
        for event in _until(self._events, "MappingEnd"):
            place = self._place(event)
            key = self._node(event)
            node = self._node(self._next())
            if not isinstance(key, ScalarNode):
                self._mistakes.add(place, "a key must be a text.")
            elif key.is_plain and key.text == "":
                self._mistakes.add(place, "a key is missing before ':'.")
            elif key.is_plain and key.text == _MERGE:
                merged += self._merged(node, place)
            elif key.text in own:
                before = own[key.text].place.line
                self._mistakes.add(
                    place, f"the key {shown(key.text)} stands here twice, first in line {before}."
                )
            else:
                own[key.text] = Entry(place, node)
        for each in merged:
            own = {**own, **{k: e for k, e in each.entries.items() if k not in own}}
        return own

    def _merged(self, node: Node, place: Place) -> Iterator[MappingNode]:
        for each in node.items if isinstance(node, ListNode) else (node,):
            if isinstance(each, MappingNode):
                yield each
            else:
                self._mistakes.add(place, "what '<<' merges must be a mapping, or a list of them.")

    def _check_tag(self, event: Any, place: Place) -> None:
        """Look for a tag that says something else than what is there."""
        tag = event.tag
        if tag is None or tag in _TAGS.get(type(event).__name__, ()):
            return
        told = tag.replace(_CORE, "!!")
        self._mistakes.add(place, f"the tag {shown(told)} has no meaning here.")

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1)


def _is(event: Any, kind: str) -> bool:
    return type(event).__name__ == f"{kind}Event"


def _until(events: Iterator[Any], end: str) -> Iterator[Any]:
    """The events before the one that ends what has begun; whoever takes one takes what is in it."""
    for event in events:
        if _is(event, end):
            return
        yield event
