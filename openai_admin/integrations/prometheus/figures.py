"""What the exporter knows: figures, each with the moment it is of and how far it can be used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class Figure(Generic[T]):
    """Something that is known.

    Attributes:
        value: what it is.
        as_of: the moment that it is of, in Unix seconds.
        ends: when it is over, in Unix seconds: what yesterday cost is not what today costs.
        complete: whether nothing is lacking in it.
    """

    value: T
    as_of: float
    ends: float = math.inf
    complete: bool = True


Figures = Mapping[str, Figure[Any]]
"""Figures by name: those in `families.FIGURES`, and some that others are made with."""


def moment(time: datetime) -> float:
    """A time in Unix seconds."""
    return time.timestamp()


def still_known(figures: Figures, now: float) -> dict[str, Figure[Any]]:
    """The figures that are not over, and the use of rate limits, which two of them make known."""
    known = {name: figure for name, figure in figures.items() if now < figure.ends}
    if (minutes := known.get("minutes")) and (limits := known.get("limits")):
        complete = minutes.complete and limits.complete
        known["rate_limits"] = Figure(None, minutes.as_of, minutes.ends, complete)
    return known
