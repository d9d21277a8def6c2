"""Results of a bounded size: what does not fit is in neither half, and both halves say so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .texts import escaped

MOST_BYTES = 40_000
"""The most that the facts of one answer take: what an assistant can read without losing the
thread."""

PAGE_BYTES = 36_000
"""The most of a page's items, so that what stands beside them fits as well."""

CONCISE_BYTES = 7_000
"""The same of a page in short."""

_LEAST_TEXT = 200  # characters that are left of a text that is cut
_CUT, _SPARE = "…", 10  # what ends it, and more than that takes
_Path = tuple[str | int, ...]


def weight(value: Any) -> int:
    """The bytes that a value takes in whichever half it takes more."""
    return len(escaped(json.dumps(value, ensure_ascii=False, default=str)).encode())


def bounded(facts: Mapping[str, Any], most: int = MOST_BYTES) -> tuple[dict[str, Any], list[str]]:
    """Facts that fit, and what was left out of them, a sentence each.

    What is longest, a list or a text, is cut first. A tool whose listing goes on behind a
    cursor cuts it itself, so that nothing is lost.

    Args:
        facts: a structured result.
        most: the most bytes of it.
    """
    fitting, notes = dict(facts), dict[_Path, str]()
    while (excess := weight(fitting) - most) > 0:
        parts = [part for part in _parts(fitting) if _can_be_cut(part[-1])]
        if not parts:
            break
        size, path, value = max(parts, key=lambda part: part[0])
        if isinstance(value, str):
            kept: Any = value.rstrip(_CUT)[: max(len(value) - excess - _SPARE, _LEAST_TEXT)] + _CUT
            notes[path] = f"{_name(path)} is cut after {len(kept) - 1:,} characters."
        else:
            kept = _first(value, size - excess)
            left = len(value) - len(kept)
            notes[path] = (
                f"{left:,} of {len(value):,} entries of {_name(path)} are left out, since the"
                " answer would be too long."
            )
        fitting = _with(fitting, path, kept)
    return fitting, list(notes.values())


def _can_be_cut(value: Any) -> bool:
    return len(value) > (_LEAST_TEXT + 1 if isinstance(value, str) else 1)


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
