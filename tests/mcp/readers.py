"""Assistants that see one half of each result, as most clients show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs
from mcp import Client

from tests.mcp.serving import Arguments, texts

Half = Literal["text", "structured"]

HALVES: tuple[Half, ...] = ("text", "structured")


@attrs.define
class Reader:
    """An assistant with a task, which sees one half of what its calls return.

    Attributes:
        client: what it calls tools with.
        half: the half that it sees.
        calls: how many calls it has made.
        size: how many bytes it has seen.
        places: what it has seen, one text for each row of it.
    """

    client: Client
    half: Half
    calls: int = 0
    size: int = 0
    places: list[str] = attrs.field(factory=list)

    async def ask(self, tool: str, **arguments: Any) -> None:
        """Call a tool, which must succeed, and see a half of its result."""
        result = await self.client.call_tool(f"openai_admin_{tool}", Arguments(arguments))
        assert not result.is_error, texts(result)
        whole = texts(result) if self.half == "text" else json.dumps(result.structured_content)
        self.calls += 1
        self.size += len(whole.encode())
        self.places += whole.splitlines() if self.half == "text" else _objects(json.loads(whole))

    def sees(self, *values: object) -> bool:
        """Whether some row has all of these values."""
        return self.count(*values) > 0

    def count(self, *values: object) -> int:
        """How many rows have all of these values."""
        return sum(all(_is_in(str(value), place) for value in values) for place in self.places)

    def has_fitted(self) -> bool:
        """Whether it took at most three calls and 8 kB, as a task must."""
        return self.calls <= 3 and self.size <= 8_192


def _is_in(value: str, place: str) -> bool:
    """Whether a place has a value, and not only as a part of another."""
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w])", place) is not None


def _objects(value: Any) -> Iterator[str]:
    """What each object says without the rows within it, and each text of a list."""
    if isinstance(value, Mapping):
        yield " | ".join(f"{name}: {_flat(inner)}" for name, inner in value.items())
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from [inner] if isinstance(inner, str) else _objects(inner)


def _flat(value: Any) -> str:
    """A value of an object; of a smaller object, its values; of a list, none that are rows."""
    if isinstance(value, Mapping):
        return " ".join(map(_flat, value.values()))
    if isinstance(value, list):
        return " ".join(map(_flat, (each for each in value if not isinstance(each, Mapping))))
    return str(value)
