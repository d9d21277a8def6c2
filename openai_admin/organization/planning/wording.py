"""Words that the sections say alike."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_NAMED = 5


def ended(text: str) -> str:
    """A text that is one sentence or more, with what ends it."""
    return text if text.endswith("?") else f"{text.rstrip('.')}."


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things: ``1 group``, ``2,000 people``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def listed(names: Sequence[str], most: int = _MOST_NAMED) -> str:
    """Names as words, and of many how many more there are: ``Core, Data and 7 more``."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
