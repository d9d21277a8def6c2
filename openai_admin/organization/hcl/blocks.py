"""Blocks of HCL as text, as ``terraform fmt`` would leave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from ..._text.visible import json_text, visible
from ..document.quoting import comment_lines

_WIDTH = 96


@attrs.frozen
class Reference:
    """What is said of another resource, as ``openai_project.copilot.project_id``."""

    address: str


@attrs.frozen(kw_only=True)
class Block:
    """A resource, and what it is imported from.

    Attributes:
        kind: the resource's type.
        name: its name, unique among those of its type.
        attributes: what is set, in order: texts, numbers, booleans, lists, mappings, references.
        imported: the id that it is imported by.
        comment: what is said above it.
    """

    kind: str
    name: str
    attributes: Mapping[str, Any]
    imported: str
    comment: str = ""

    @property
    def address(self) -> str:
        """How other blocks name it."""
        return f"{self.kind}.{self.name}"

    def its(self, attribute: str) -> Reference:
        """An attribute of it, for other blocks."""
        return Reference(f"{self.address}.{attribute}")

    def lines(self) -> Iterator[str]:
        """The resource's lines, and those of its import."""
        if self.comment:
            yield comment(self.comment)
        yield f'resource "{self.kind}" "{self.name}" {{'
        yield from _attributes(self.attributes)
        yield "}"
        yield ""
        yield "import {"
        yield f"  to = {self.address}"
        yield f"  id = {_quoted(self.imported)}"
        yield "}"


def comment(text: str) -> str:
    """Lines that say something to the reader."""
    return "\n".join(comment_lines(visible(text)))


def _attributes(attributes: Mapping[str, Any]) -> Iterator[str]:
    """Lines of attributes, the signs of those beside each other one below the other."""
    chain: list[tuple[str, str]] = []
    for name, value in attributes.items():
        lines = _expression(value, len(name) + 5)
        if len(lines) == 1:
            chain.append((name, lines[0]))
            continue
        yield from _aligned(chain)
        chain = []
        yield f"  {name} = {lines[0]}"
        yield from (f"  {line}" for line in lines[1:])
    yield from _aligned(chain)


def _aligned(chain: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in chain), default=0)
    for name, text in chain:
        yield f"  {name:<{width}} = {text}"


def _expression(value: Any, begun: int) -> list[str]:
    """The lines of a value, of which the first one follows ``begun`` characters."""
    if isinstance(value, list | tuple):
        items = [_in_one_line(each) for each in value]
        alone = f"[{', '.join(items)}]"
        fits = begun + len(alone) <= _WIDTH and not any(isinstance(v, Mapping) for v in value)
        return [alone] if fits else ["[", *(f"  {item}," for item in items), "]"]
    return [_in_one_line(value)]


def _in_one_line(value: Any) -> str:
    if isinstance(value, Reference):
        return value.address
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{name} = {_in_one_line(each)}" for name, each in value.items())
        return f"{{ {pairs} }}"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A text of HCL, in which nothing is a template."""
    found = json_text(text).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return found.replace("${", "$${").replace("%{", "%%{")
