"""What is usual for every key of an organization, by its hours of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Self

import attrs

from .rhythm import WEEK, WEEKS, Rhythm, Usual, by_others

Place = tuple[str, str | None]
"""A key's id, and that of the project it is used in."""

HOURS = WEEKS * WEEK
"""How many hours of history are looked at."""

_NOTHING = Usual(level=0.0, anytime=0.0, base=0.0, daily=0.0)


@attrs.frozen
class History:
    """The rhythms of keys and of projects.

    Attributes:
        keys: the rhythm of each key in each project.
        projects: the rhythm of each project's keys together.
        peers: what a typical key uses in a minute that it is used in.
    """

    keys: Mapping[Place, Rhythm]
    projects: Mapping[str | None, Rhythm]
    peers: float

    @classmethod
    def of(
        cls,
        hours: Mapping[Place, Mapping[int, float]],
        *,
        first: int,
        until: int,
        unknown: Iterable[int] = (),
    ) -> Self:
        """The history of hours.

        Args:
            hours: what each key used in an hour, by its number since 1970; absent ones were quiet.
            first: the first hour.
            until: the hour before which it ends.
            unknown: hours whose usage is not known, or not wholly.
        """
        lost = frozenset(unknown)
        keys = {
            place: Rhythm(of, _first_of(of, first), until, lost)
            for place, of in hours.items()
            if any(of.values())
        }
        together: dict[str | None, dict[int, float]] = {}
        for (_, project), of in hours.items():
            sums = together.setdefault(project, {})
            for hour, value in of.items():
                sums[hour] = sums.get(hour, 0.0) + value
        projects = {id: Rhythm(of, first, until, lost) for id, of in together.items()}
        typical = [rhythm.typical for rhythm in keys.values()]
        return cls(keys, projects, median(typical) if typical else 0.0)

    def usual(self, place: Place, hour: int, *, is_old: bool = False) -> Usual:
        """What is usual for a key in an hour.

        Args:
            place: the key and its project.
            hour: the hour, by its number since 1970.
            is_old: whether the key is known to be older than the history: one that was silent in
                all of it takes nothing over from another.
        """
        rhythm = self.keys.get(place)
        if rhythm is not None and not rhythm.is_short:
            return rhythm.at(hour)
        own = _NOTHING if rhythm is None else rhythm.at(hour)
        project = self.projects.get(place[1])
        is_silent = is_old and rhythm is None
        others = _NOTHING if project is None or is_silent else project.at(hour)
        return by_others(own, others, self.peers)


def _first_of(hours: Mapping[int, float], first: int) -> int:
    """The hour that a key's history begins with: its first, where that is not near the beginning,
    for else it may only have been quiet for some days.
    """
    used = min(hour for hour, value in hours.items() if value > 0)
    return used if used >= first + WEEK else first
