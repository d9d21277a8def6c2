"""Colours by name: the same project has the same one in every report."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

# Found by search: each stands out from its page at 3 : 1 or more (WCAG 1.4.11), and any two are told
# apart by eyes that lack one kind of cone, as the tests simulate them. A number's hue is the same
# on both pages.
LIGHT = (
    "#7e64e0",
    "#b98c17",
    "#2ca489",
    "#451d95",
    "#a0164d",
    "#00638a",
    "#9a651f",
    "#6f1a07",
)
"""The colours of groups, by number, on a white page."""
DARK = (
    "#8439ef",
    "#c19400",
    "#56f9f8",
    "#738bd8",
    "#f72090",
    "#8dbbf4",
    "#9b6422",
    "#fbb98f",
)
"""Likewise on a dark page."""
OTHERS = len(LIGHT)
"""The number of what all others together are filled with: hatching."""
FILLS = (*LIGHT, "#8b919b")
"""Colours by number where there are no styles, that of all others with them."""


def colors_for(ids: Sequence[str | None]) -> list[int]:
    """The numbers of the colours of some groups of one chart, each of its own.

    Every name puts the colours into an order of its own, which depends on nothing else. Where two
    want the same, one of them gets its next: which one depends on the two names alone, not on
    what they cost, on how many they are, or on the day.

    Args:
        ids: of the groups, no more than there are colours.
    """
    wishes = sorted(
        (_weight(id, color), place, color)
        for place, id in enumerate(ids)
        for color in range(OTHERS)
    )
    chosen: dict[int, int] = {}
    for _, place, color in wishes:
        if place not in chosen and color not in chosen.values():
            chosen[place] = color
    return [chosen[place] for place in range(len(ids))]


def _weight(id: str | None, color: int) -> bytes:
    return sha256(f"{color} {id or ''}".encode()).digest()
