"""Mistakes of a file, each with its line, told together."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import DocumentError

MOST_TOLD = 20
"""More mistakes than these are only counted."""


class Place(NamedTuple):
    """A line of a file.

    Attributes:
        file: the file's path, as it was asked for.
        line: the line, from 1; ``None`` for the file as a whole.
    """

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"


class Mistakes:
    """What is wrong with a file, as it is found."""

    def __init__(self) -> None:
        self._found: dict[tuple[Place, str], None] = {}

    def add(self, place: Place, sentence: str) -> None:
        """Note a mistake; the same one in the same place is noted once."""
        self._found[place, sentence] = None

    def check(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            DocumentError: something was.
        """
        if not self._found:
            return
        found = sorted(self._found, key=lambda each: (each[0].file, each[0].line or 0))
        told = [f"{place}: {sentence}" for place, sentence in found]
        if len(told) > MOST_TOLD:
            told[MOST_TOLD:] = [f"There are {len(told) - MOST_TOLD:,} more mistakes."]
        raise DocumentError(told)
