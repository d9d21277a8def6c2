"""The findings of a review as the sections of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..insights import Review
from ..insights.findings import MOST, Finding, Group, Topic
from .charts import CHARTS
from .document import Part, Section, Table
from .groups import left_out
from .heading import as_of
from .spending import stacked_costs
from .tables import distributions, table

_STACKED = ("by_project", "by_model")  # what the charts have colours for


def part(review: Review, topic: Topic, *, most: int | None = MOST) -> Part:
    """A question with its answers.

    Args:
        review: what was found.
        topic: the question.
        most: how many rows of a finding are shown; ``None`` is all.
    """
    return Part(
        title=topic.question + (as_of(review) if topic.is_of_now else ""),
        sections=tuple(section(review, group, most=most) for group in topic.groups),
    )


def section(review: Review, group: Group, *, most: int | None = MOST) -> Section:
    """Findings that are read together, with their chart where there is something to draw."""
    found = any(finding.rows(review) for finding in group.findings)
    chart = group.key if group.key in CHARTS and found else None
    return Section(
        key=group.key,
        title=group.heading(review),
        text=(*group.sentences(review), *_not_drawn(review, group)),
        chart=chart,
        tables=tuple(
            made for finding in group.findings for made in tables(review, finding, most=most)
        ),
        is_of_several=group.text is not None or len(group.findings) > 1,
    )


def tables(review: Review, finding: Finding[Any], *, most: int | None = MOST) -> Iterator[Table]:
    """The tables of a finding; none if there are no rows."""
    made = table(review, finding, most=most)
    if made is None:
        return
    if finding.key in _STACKED:
        yield from stacked_costs(review, finding, getattr(review, finding.key), most=most)
        return
    if made.rest is not None:
        yield from distributions(review, finding)
    yield made


def _not_drawn(review: Review, group: Group) -> tuple[str, ...]:
    """What a chart of costs leaves out."""
    finding = group.findings[0]
    if finding.key not in _STACKED or review.why_not_known(finding.key):
        return ()
    return left_out(review, finding, getattr(review, finding.key))
