"""Results of a bounded size: what does not fit is in neither half, and both halves say so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .texts import escaped

MOST_BYTES = 40_000
"""The most that the facts of one answer take: what an assistant can read without losing the
thread."""

CONCISE_BYTES = 8_000
"""The most of a concise answer."""

_LEAST_TEXT = 200  # characters that are left of a text that is cut
_Path = tuple[str | int, ...]


def weight(value: Any) -> int:
    """The bytes that a value takes in whichever half it takes more."""
    return len(escaped(json.dumps(value, ensure_ascii=False, default=str)).encode())


def bounded(facts: Mapping[str, Any], most: int = MOST_BYTES) -> tuple[dict[str, Any], list[str]]:
    """Facts that fit, and what was left out of them, a sentence each.

    The longest lists are cut first, then the longest texts. A tool whose listing goes on behind a
    cursor cuts it itself, so that nothing is lost.

    Args:
        facts: a structured result.
        most: the most bytes of it.
    """
    fitting, notes = dict(facts), list[str]()
    while (excess := weight(fitting) - most) > 0:
        lists = [(w, path, value) for w, path, value in _parts(fitting) if _is_long(value)]
        texts = [(w, path, value) for w, path, value in _parts(fitting) if _is_text(value)]
        if not lists and not texts:
            break
        size, path, value = max(lists or texts, key=lambda part: part[0])
        where = _name(path)
        if isinstance(value, str):
            kept: Any = f"{value[: max(len(value) - excess, _LEAST_TEXT)]}…"
            notes.append(f"{where} is cut after {len(kept) - 1:,} characters.")
        else:
            kept = _first(value, size - excess)
            left = len(value) - len(kept)
            notes.append(
                f"{left:,} of {len(value):,} entries of {where} are left out, since the answer"
                " would be too long."
            )
        fitting = _with(fitting, path, kept)
    return fitting, notes


def _is_long(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 1


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LEAST_TEXT + 1


def _first(items: Sequence[Any], room: int) -> list[Any]:
    """The first items that there is room for; one at least, and one less than there are."""
    kept: list[Any] = []
    for item in items[:-1]:
        room -= weight(item) + 2
        if room < 0 and kept:
            break
        kept.append(item)
    return kept


def _parts(value: Any, path: _Path = ()) -> Iterator[tuple[int, _Path, Any]]:
    """Every list and text within a value, with its weight and its place."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _parts(each, (*path, name))
    elif isinstance(value, list | tuple):
        yield weight(value), path, value
        for index, each in enumerate(value):
            yield from _parts(each, (*path, index))
    elif isinstance(value, str):
        yield len(value), path, value


def _with(value: Any, path: _Path, kept: Any) -> Any:
    """A copy of a value with another part at a place."""
    if not path:
        return kept
    step, *rest = path
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[step] = _with(copy[step], tuple(rest), kept)
    return copy


def _name(path: _Path) -> str:
    return ".".join(str(step) for step in path if isinstance(step, str)) or "the answer"
