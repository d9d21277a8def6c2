"""What is shown of a long list: the rows that matter most, and all others as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import attrs

T = TypeVar("T")

MOST = 15
"""The most rows of a finding that a report shows one by one."""


@attrs.frozen
class Top(Generic[T]):
    """Some rows.

    Attributes:
        rows: those that are shown.
        others: those that are not: none, or two and more, for one row takes no more room than the
            row that would stand for it.
    """

    rows: Sequence[T]
    others: Sequence[T] = ()


def top(rows: Sequence[T], most: int | None = MOST) -> Top[T]:
    """The first so many rows apart from all others; ``None`` is all of them."""
    if most is None or len(rows) <= most + 1:
        return Top(rows)
    return Top(rows[:most], rows[most:])
