"""Indexes of a table: which ranks have a key, and between which ranks a number can be.

`Table` keeps them: it alone changes records. Ranks are the table's, which never change.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Any

Keys = Callable[[dict[str, Any]], Iterable[Hashable]]
"""What a record can be found by: none, one or several keys."""


class KeyIndex:
    """The ranks of the records that have a key, in order."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._ranks: dict[Hashable, list[int]] = {}

    def put(self, rank: int, record: dict[str, Any]) -> None:
        """Take in a record."""
        for key in set(self.keys(record)):
            ranks = self._ranks.setdefault(key, [])
            if ranks and ranks[-1] > rank:
                insort(ranks, rank)
            else:
                ranks.append(rank)

    def drop(self, rank: int, record: dict[str, Any]) -> None:
        """Leave out a record that was taken in."""
        for key in set(self.keys(record)):
            ranks = self._ranks[key]
            del ranks[bisect_left(ranks, rank)]
            if not ranks:
                del self._ranks[key]

    def of(self, keys: Iterable[Hashable]) -> Ranks:
        """The ranks of the records that have at least one of these keys."""
        return Ranks([self._ranks[key] for key in set(keys) if key in self._ranks])


class Ranks:
    """Ranks in several sorted lists; one that is in two of them counts once when it is walked."""

    def __init__(self, lists: Sequence[Sequence[int]]) -> None:
        self._lists = lists

    def count(self, first: int, last: int) -> int:
        """How many there are from `first` to `last`, both included."""
        return sum(bisect_right(ranks, last) - bisect_left(ranks, first) for ranks in self._lists)

    def walk(self, first: int, last: int, *, rising: bool) -> Iterator[int]:
        """Those from `first` to `last`, both included, each once."""
        parts = [self._part(ranks, first, last, rising) for ranks in self._lists]
        if len(parts) == 1:
            return parts[0]
        return map(itemgetter(0), groupby(heapq.merge(*parts, reverse=not rising)))

    @staticmethod
    def _part(ranks: Sequence[int], first: int, last: int, rising: bool) -> Iterator[int]:
        begin, end = bisect_left(ranks, first), bisect_right(ranks, last)
        places = range(begin, end) if rising else range(end - 1, begin - 1, -1)
        return (ranks[place] for place in places)


class NumberIndex:
    """Between which ranks a field can have a number, for a field that mostly rises with the rank.

    `_highest` is the highest number up to a rank, `_lowest` the lowest from it on, so that both
    rise. Where the field itself rises the ranks found are exactly those wanted.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._highest: list[float] = []
        self._lowest: list[float] = []

    def put(self, rank: int, record: dict[str, Any]) -> None:
        """Take in a record; one that is gone later is only looked for in vain."""
        number = record[self._field]
        highest, lowest = self._highest, self._lowest
        while len(highest) <= rank:
            highest.append(highest[-1] if highest else -inf)
            lowest.append(inf)
        for place in range(rank, len(highest)):
            if highest[place] >= number:
                break
            highest[place] = number
        for place in range(rank, -1, -1):
            if lowest[place] <= number:
                break
            lowest[place] = number

    def span(self, least: float, most: float) -> tuple[int, int]:
        """The first and last rank, both included, of all records from `least` to `most`."""
        return bisect_left(self._highest, least), bisect_right(self._lowest, most) - 1
