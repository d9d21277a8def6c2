"""How many rows of a finding there are of each kind: what a list too long to read comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from ..naming import Named
from .top import Top, top

T = TypeVar("T")

_NOT_KNOWN = "not known"
_SHOWN = 5  # values, such as projects
_TELLING = 0.05  # of the rows
_AGES = (
    (30, "up to 30 days"),
    (90, "31 to 90 days"),
    (180, "91 to 180 days"),
    (365, "181 to 365 days"),
    (730, "one to two years"),
)
_LONGER = "over two years"


@attrs.frozen
class Distribution(Generic[T]):
    """What rows are counted by.

    Attributes:
        field: its name in data.
        title: the heading of what they are counted by.
        of: what a row is counted under; ``None`` where that is not known.
        order: the values in the order in which they are shown; without any, those of the most rows
            go first.
    """

    field: str
    title: str
    of: Callable[[T], Named | str | None]
    order: Sequence[str] = ()

    def top(self, rows: Sequence[T], names: Mapping[str, str]) -> Top[tuple[Named, int]] | None:
        """How many rows there are of the values that most have.

        Returns:
            The first of `parts`, and the others; ``None`` where these say nothing: where there is
            one value, or the first have next to none of the rows.
        """
        best = top(self.parts(rows, names), max(_SHOWN, len(self.order)))
        shown = sum(number for _, number in best.rows)
        return best if len(best.rows) > 1 and shown >= _TELLING * len(rows) else None

    def parts(self, rows: Sequence[T], names: Mapping[str, str]) -> list[tuple[Named, int]]:
        """How many rows there are of each value.

        Args:
            rows: all of the finding's.
            names: names by id.
        """
        counts = Counter(map(self._value, rows))
        places = {value: n for n, value in enumerate(self.order)}
        ordered = sorted(
            counts.items(),
            key=lambda part: (
                places.get(str(part[0]), len(places)),
                -part[1],
                str(part[0].id),
            ),
        )
        return [(value.among(names), number) for value, number in ordered]

    def _value(self, row: T) -> Named:
        value = self.of(row)
        if value is None or value == Named(None):
            return Named(None, _NOT_KNOWN)
        return value if isinstance(value, Named) else Named(None, value)


def by_age(field: str, title: str, days: Callable[[Any], int | None]) -> Distribution[Any]:
    """Rows counted by how many days something has lasted."""

    def of(row: Any) -> str | None:
        number = days(row)
        if number is None:
            return None
        return next((words for most, words in _AGES if number <= most), _LONGER)

    return Distribution(field, title, of, (*(words for _, words in _AGES), _LONGER))
