"""The charts of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._declare.arguments import one_of, suggest
from ...errors import InvalidInputError
from ...insights import Review
from ...insights.findings import FINDINGS, Finding
from ..drawing import Chart
from .costs import cost_by_model, cost_by_project
from .hours import hours
from .month import projection
from .months import months
from .movers import movers
from .nothing import nothing
from .tokens import tokens

CHARTS: Mapping[str, Callable[[Review], Chart]] = {
    "projects": cost_by_project,
    "models": cost_by_model,
    "months": months,
    "tokens": tokens,
    "hours": hours,
    "movers": movers,
    "projection": projection,
}
"""The charts by name."""

DRAWN: Mapping[str, Finding[Any]] = {
    "projects": FINDINGS["by_project"],
    "models": FINDINGS["by_model"],
    "months": FINDINGS["months"],
    "tokens": FINDINGS["models"],
    "hours": FINDINGS["busy_hours"],
    "movers": FINDINGS["movers"],
    "projection": FINDINGS["projection"],
}
"""What each chart shows."""


def chart(review: Review, name: str) -> Chart:
    """A chart by its name; of what is not known, it says only that.

    Args:
        review: what was found.
        name: one of `CHARTS`.

    Raises:
        InvalidInputError: there is no chart of that name.
    """
    if name not in CHARTS:
        raise InvalidInputError(
            f"There is no chart {name!r}; there are {one_of(list(CHARTS))}"
            f"{suggest(name, list(CHARTS))}"
        )
    if review.why_not_known(DRAWN[name].key):
        return nothing(name)
    return CHARTS[name](review)
