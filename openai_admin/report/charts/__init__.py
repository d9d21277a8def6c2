"""The charts of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._declare.arguments import one_of, suggest
from ...errors import InvalidInputError
from ...insights import Review
from ...insights.findings import FINDINGS, Finding
from ..drawing import Chart
from ..drawing.svg import element
from .costs import cost_by_model, cost_by_project
from .month import projection
from .movers import movers

CHARTS: Mapping[str, Callable[[Review], Chart]] = {
    "projects": cost_by_project,
    "models": cost_by_model,
    "movers": movers,
    "projection": projection,
}
"""The charts by name."""

DRAWN: Mapping[str, Finding[Any]] = {
    "projects": FINDINGS["by_project"],
    "models": FINDINGS["by_model"],
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
        return _nothing(name)
    return CHARTS[name](review)


def _nothing(name: str) -> Chart:
    """In place of a chart whose figures are not known."""
    words = element("text", "not known", x="50%", y=60, text_anchor="middle", class_="direct")
    return Chart(name=name, description="not known", body=words, height=120)
