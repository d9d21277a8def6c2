"""Colours by name: the same project has the same one in every report."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

# Found by search: each stands out from its page at 3 : 1 or more (WCAG 1.4.11), and any two are
# told apart by eyes that lack one kind of cone, as the tests simulate them. The hues of a number
# are near each other on both pages.
LIGHT = (
    "#7f60ea",
    "#bf2801",
    "#047254",
    "#a23ea6",
    "#7e1584",
    "#2a9dd3",
    "#ac8904",
    "#e75a9b",
)
"""The colours of groups, by number, on a white page."""
DARK = (
    "#9cadfe",
    "#e45b72",
    "#0c8d2c",
    "#ed85ba",
    "#fdc2eb",
    "#468ef5",
    "#c1bc4b",
    "#b04ba4",
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
        ids: of the groups, the dearest first: those for which there are no colours left are filled
            as all others are.
    """
    colored = ids[:OTHERS]
    wishes = sorted(
        (_weight(id, color), place, color)
        for place, id in enumerate(colored)
        for color in range(OTHERS)
    )
    chosen: dict[int, int] = {}
    for _, place, color in wishes:
        if place not in chosen and color not in chosen.values():
            chosen[place] = color
    return [chosen.get(place, OTHERS) for place in range(len(ids))]


def _weight(id: str | None, color: int) -> bytes:
    return sha256(f"{color} {id or ''}".encode()).digest()
