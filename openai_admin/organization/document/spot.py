"""A spot in the file that is being read: what stands there, what it is of, how it is called."""

from __future__ import annotations

import attrs

from ..._declare.arguments import one_of
from .allowed import Field
from .mistakes import Mistakes, Place
from .nodes import ListNode, MappingNode, Node, ScalarNode
from .shorthand import MAY_BE_EMPTY

Path = tuple[str | int, ...]
"""The keys that lead to a part of the file, and the numbers of items, from 0."""

_MOST_SHOWN = 60


class WrongError(Exception):
    """What stands there cannot be read; the mistake is noted."""


@attrs.frozen
class Reading:
    """What is gathered while a file is read.

    Attributes:
        mistakes: what is wrong.
        places: where each part stands.
        pins: what an id pins, by the model that it is of and the id.
    """

    mistakes: Mistakes
    places: dict[Path, Place] = attrs.field(factory=dict)
    pins: dict[tuple[type, str], Path] = attrs.field(factory=dict)


@attrs.frozen
class Spot:
    """One spot.

    Attributes:
        node: what stands there.
        path: the keys that lead there.
        field: what it is, or is an item of; ``None`` for the file itself.
        reading: takes mistakes.
        others: what else may stand there, for the sentence of a mistake.
    """

    node: Node
    path: Path
    field: Field | None
    reading: Reading
    others: tuple[str, ...] = ()

    @property
    def is_null(self) -> bool:
        """Whether nothing stands there."""
        return isinstance(self.node, ScalarNode) and self.node.is_null

    @property
    def place(self) -> Place:
        """Its file and line."""
        return self.reading.places.get(self.path, self.node.place)

    @property
    def name(self) -> str:
        """How it is called in a sentence: its key, or ``members[2]``."""
        is_item = bool(self.path) and isinstance(self.path[-1], int)
        return words(self.path[-2:] if is_item else self.path[-1:])

    def note(self, sentence: str, *, at: Place | None = None) -> None:
        """Note a mistake of what stands there: a whole sentence."""
        where = words(self.path)
        self.reading.mistakes.add(at or self.place, f"{where}: {sentence}" if where else sentence)

    def wrong(self, end: str) -> WrongError:
        """Note a mistake that begins with what the spot is called; to be raised by the caller."""
        where = words(self.path).removesuffix(self.name).removesuffix(" / ")
        sentence = f"{self.name} {end}"
        self.reading.mistakes.add(self.place, f"{where}: {sentence}" if where else sentence)
        return WrongError()

    def wrong_kind(self, expected: str) -> WrongError:
        """Note that something else is expected there, such as ``a list``."""
        if self.is_null:
            empty = {"a mapping": "{}", "a list": "[]"}.get(expected.split(" or ")[0])
            if self.field in MAY_BE_EMPTY and expected == "text":
                empty = "''"
            instead = f"write {empty} for an empty one, or " if empty else ""
            return self.wrong(f"has no value; {instead}take the line out.")
        kinds = {ScalarNode: "text", ListNode: "a list", MappingNode: "a mapping"}
        or_else = f" or {one_of(self.others)}" if self.others else ""
        given = kinds[type(self.node)]
        return self.wrong(f"must be {expected}{or_else}, not {given}.")


def words(path: Path) -> str:
    """A path in a sentence: ``projects / Platform / members``."""
    told = ""
    for each in path:
        if isinstance(each, int):
            told += f"[{each}]"
        else:
            told += f"{' / ' if told else ''}{_short(each)}"
    return told


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
