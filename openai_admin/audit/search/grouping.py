"""Events counted by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from ..._declare.arguments import one_of, suggest
from ...directory.recorded.told import Told
from ...errors import InvalidInputError
from .model import Count

_GROUPINGS: Mapping[str, Callable[[Told], str | None]] = {
    "actor": lambda told: told.actor,
    "type": lambda told: told.type,
    "target": lambda told: told.target,
    "project": lambda told: told.project,
    "day": lambda told: None if told.at is None else f"{told.at:%Y-%m-%d}",
    "hour": lambda told: None if told.at is None else f"{told.at:%Y-%m-%d %H:00}",
    "ip": lambda told: told.ip,
    "country": lambda told: told.country,
    "key": lambda told: told.key,
    "via": lambda told: told.via,
}

GROUPINGS: tuple[str, ...] = tuple(_GROUPINGS)
"""What events can be counted by."""


def check_groupings(by: Sequence[str]) -> None:
    """Refuse what events cannot be counted by.

    Raises:
        InvalidInputError: something else is among them.
    """
    for name in by:
        if name not in _GROUPINGS:
            raise InvalidInputError(
                f"by must be {one_of(GROUPINGS)}, not {name!r}{suggest(name, GROUPINGS)}"
            )


def count_by(events: Iterable[Told], by: Sequence[str]) -> tuple[Count, ...]:
    """How many events there are of each kind, the most first.

    Args:
        events: the events.
        by: what to group them by, of `GROUPINGS`.

    Raises:
        InvalidInputError: something else is among them.
    """
    check_groupings(by)
    groups: dict[tuple[str | None, ...], list[datetime | None]] = {}
    for event in events:
        values = tuple(_GROUPINGS[name](event) for name in by)
        groups.setdefault(values, []).append(event.at)
    counts = [_count(values, times) for values, times in groups.items()]
    return tuple(sorted(counts, key=lambda c: (-c.events, [value or "" for value in c.values])))


def _count(values: tuple[str | None, ...], times: Sequence[datetime | None]) -> Count:
    known = [time for time in times if time is not None]
    return Count(
        values=values,
        events=len(times),
        first=min(known, default=None),
        last=max(known, default=None),
    )
