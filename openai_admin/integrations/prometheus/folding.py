"""A bound on the number of series: the largest are kept singly, and the rest are one, `other`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from ...usage.money import plus
from .families import OTHER

Key = tuple[str, ...]
"""The values of labels."""

Number = TypeVar("Number", Decimal, int, float)

_STAYS = 1.25
"""How many times its weight counts of what is kept singly already: what is about as large as
another does not take turns with it."""


class Folding:
    """Says which values of labels are kept singly, about the same ones from one time to the next.

    Args:
        limit: the most keys that are left.
        positions: which of a key's values may become `OTHER`, in the order in which they do. The
            values at other positions are kept: sums over them are as they were.
    """

    def __init__(self, limit: int, positions: Sequence[int]) -> None:
        self._limit = limit
        self._positions = positions
        self._kept: dict[int, frozenset[str]] = {}

    def fold(self, weights: Mapping[Key, Decimal | int | float]) -> dict[Key, Key]:
        """What stands for each key: itself, or a key that has `OTHER` in it.

        Args:
            weights: how large each is.
        """
        result = {key: key for key in weights}
        for position in self._positions:
            if len(set(result.values())) <= self._limit:
                break
            kept = self._largest(position, weights, set(result.values()), result)
            self._kept[position] = kept
            result = {
                key: to if to[position] in kept else _with_other(to, position)
                for key, to in result.items()
            }
        return result

    def _largest(
        self,
        position: int,
        weights: Mapping[Key, Decimal | int | float],
        keys: Iterable[Key],
        standing: Mapping[Key, Key],
    ) -> frozenset[str]:
        """The values at a position that are kept singly."""
        before = self._kept.get(position, frozenset())
        of: dict[str, list[Key]] = {}
        for key in keys:
            of.setdefault(key[position], []).append(key)
        sizes = dict.fromkeys(of, 0.0)
        for key, weight in weights.items():
            sizes[standing[key][position]] += abs(float(weight))
        ranked = sorted(of, key=lambda v: (-sizes[v] * (_STAYS if v in before else 1), v))
        rest = Counter(_with_other(key, position) for each in of.values() for key in each)
        count, kept = len(rest), set()
        for value in ranked:
            folded = Counter(_with_other(key, position) for key in of[value])
            count += len(of[value]) - sum(rest[key] == n for key, n in folded.items())
            if count > self._limit:
                break
            rest -= folded
            kept.add(value)
        return frozenset(kept)


def added_up(amounts: Mapping[Key, Number], standing: Mapping[Key, Key]) -> dict[Key, Number]:
    """The exact sums of amounts by what stands for their keys."""
    sums: dict[Key, Number] = {}
    for key, amount in amounts.items():
        to = standing[key]
        before = sums.get(to)
        if before is None:
            sums[to] = amount
        elif isinstance(before, Decimal) and isinstance(amount, Decimal):
            sums[to] = plus(before, amount)
        else:
            sums[to] = before + amount
    return sums


def highest(shares: Mapping[Key, float], standing: Mapping[Key, Key]) -> dict[Key, float]:
    """The highest of some shares by what stands for their keys: these cannot be added up."""
    found: dict[Key, float] = {}
    for key, share in shares.items():
        to = standing[key]
        found[to] = max(share, found.get(to, share))
    return found


def _with_other(key: Key, position: int) -> Key:
    return (*key[:position], OTHER, *key[position + 1 :])
