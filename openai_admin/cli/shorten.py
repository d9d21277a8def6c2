"""Texts made shorter, so that each can still be told from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len, set_cell_size

Shorten = Callable[[str, int], str]
"""Returns a text that takes at most so many columns; one that fits stays as it is."""


def at_end(text: str, width: int) -> str:
    """Keep the beginning."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def in_middle(text: str, width: int) -> str:
    """Keep the beginning and the end: ``proj_7g2…vMVN``."""
    if cell_len(text) <= width:
        return text
    end = (width - 1) // 3
    last = text
    while cell_len(last) > end:
        last = last[1:]
    return f"{set_cell_size(text, width - 1 - end)}…{last}"


def narrowest(
    texts: Iterable[str], width: int, least: int, ways: Sequence[Shorten]
) -> tuple[int, Shorten]:
    """How narrow texts may be made without two of them looking the same, and in which way.

    Args:
        texts: the texts.
        width: what the widest takes.
        least: what they may not be made narrower than.
        ways: how they may be shortened; of those that serve, the first is taken.
    """
    different = set(texts)
    for narrow in range(min(least, width), width):
        for shorten in ways:
            if len({shorten(text, narrow) for text in different}) == len(different):
                return narrow, shorten
    return width, ways[0]


class Distinct:
    """Shortens the texts of a column, page after page; different ones never become the same.

    Args:
        shorten: how.
    """

    def __init__(self, shorten: Shorten) -> None:
        self._shorten = shorten
        self._whole: dict[str, str] = {}

    def __call__(self, text: str, width: int) -> str:
        """The text, wider than asked for where a different one already looks like that."""
        while True:
            short = self._shorten(text, width)
            if self._whole.setdefault(short, text) == text:
                return short
            width += 1
