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


BUDGET = "budget "
"""What the names of the figures begin with that say how one budget stands."""

Figures = Mapping[str, Figure[Any]]
"""Figures by name: those in `families.FIGURES`, and some that others are made with."""


def moment(time: datetime) -> float:
    """A time in Unix seconds."""
    return time.timestamp()


def still_known(figures: Figures, now: float) -> dict[str, Figure[Any]]:
    """The figures that are not over, and those that others make known.

    These are `rate_limits`, which are known where minutes and limits are, and `budgets`, which has
    the budgets whose own period is not over.
    """
    known = {name: figure for name, figure in figures.items() if now < figure.ends}
    if (minutes := known.get("minutes")) and (limits := known.get("limits")):
        complete = minutes.complete and limits.complete
        known["rate_limits"] = Figure(None, minutes.as_of, minutes.ends, complete)
    of_budgets = [name for name in figures if name.startswith(BUDGET)]
    if still := [known[name] for name in of_budgets if name in known]:
        complete = len(still) == len(of_budgets) and all(each.complete for each in still)
        as_of = min(each.as_of for each in still)
        known["budgets"] = Figure(tuple(each.value for each in still), as_of, complete=complete)
    return known


def next_end(figures: Figures, now: float) -> float:
    """When the next of some figures is over, in Unix seconds."""
    return min((each.ends for each in figures.values() if now < each.ends), default=math.inf)
