"""How many rows of a finding there are of each kind: what a list too long to read comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from ..naming import Named

T = TypeVar("T")

_NOT_KNOWN = "not known"
_AGES = ((30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "one year"), (730, "two years"))
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
        return next((f"up to {words}" for most, words in _AGES if number <= most), _LONGER)

    return Distribution(field, title, of, (*(f"up to {words}" for _, words in _AGES), _LONGER))
