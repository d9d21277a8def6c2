"""What an object is called where people read about it: its name, and its id beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from .._wire.portable import Portable

UNKNOWN = "(none)"
"""What is shown where the API gave neither an id nor a name."""


@attrs.frozen
class Named(Portable):
    """An object of the organization, as it is shown.

    Attributes:
        id: its id; ``None`` where the API gave none.
        name: its name; ``None`` where it is unknown.
    """

    id: str | None
    name: str | None = None

    def __str__(self) -> str:
        return self.name or self.id or UNKNOWN

    @property
    def beside(self) -> str | None:
        """The id, where the text is not the id already."""
        return None if self.id == str(self) else self.id

    def among(self, names: Mapping[str, str]) -> Named:
        """The object with its name looked up, where it is not known yet."""
        if self.name is not None or self.id is None:
            return self
        return attrs.evolve(self, name=names.get(self.id))


def distinct(things: Sequence[Named]) -> list[str]:
    """A text for each object, with its id where several are alike: a chart must tell them apart."""
    texts = [str(thing) for thing in things]
    times = Counter(texts)
    return [
        f"{text} ({thing.beside})" if times[text] > 1 and thing.beside else text
        for text, thing in zip(texts, things, strict=True)
    ]
